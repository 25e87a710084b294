"""The model chooses the most consistent of several replies (Chen et al. 2023, arXiv 2311.17311 §3)."""

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from agents.runtime.answers import closed_object
from agents.runtime.answers.json_text import json_found
from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent
from agents.runtime.llm import Message
from agents.runtime.parsing.thinking import without_thinking
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.step_views import Unseen
from agents.runtime.strategies.work import Work

SEED: Final = 7  # candidates are shuffled, as models prefer certain places; the same way each time
ALL_CANDIDATES: Final = 12_000  # characters, shared evenly
MOST_TOKENS: Final = 300
ASK: Final = (
    "Several replies to this were given. Which of them agrees best with the others? Judge what they say, not how they "
    'say it. Reply with JSON: {{"reason": "one sentence", "choice": the number of the reply}}.\n\n{candidates}'
)


class Picking:
    """`replies` by their places. Afterwards `index` is the place of the chosen one: `otherwise` where the model names
    none that exists, or can't be asked."""

    def __init__(self, work: Work, replies: Mapping[int, str], *, otherwise: int) -> None:
        self.index = otherwise
        self._work = work
        self._replies = replies
        self._order = random.Random(SEED).sample(list(replies), len(replies))  # noqa: S311

    async def events(self) -> AsyncGenerator[AnyEvent]:
        """One more call, and what it decided as a vote. Never raises: the samples are there without it."""
        told = f"The model could not be asked; number {self.index + 1} is taken."
        try:
            asking = self._asking()
            async with aclosing(asking.events()) as events:
                async for event in events:
                    yield event
        except (ModelError, LimitReached):
            pass
        else:
            chosen, reason = choice_in(asking.text, len(self._order))
            told = f"The model named no sample; number {self.index + 1} is taken."
            if chosen is not None:
                self.index = self._order[chosen - 1]
                told = f"The model chose sample {self.index + 1}. {reason}".strip()
            yield asking.recorded("parsed" if chosen is not None else "failed")
        for event in self._work.timeline.whole("vote", told):
            yield event

    def _asking(self) -> Asking:
        *before, question = self._work.messages()
        listed = "\n\n".join(f"Reply {n}:\n{self._shortened(place)}" for n, place in enumerate(self._order, 1))
        asked = Message("user", f"{question.content}\n\n{ASK.format(candidates=listed)}")
        system = [message for message in before if message.role == "system"][:1]
        return Asking(
            self._work,
            [*system, asked],
            Unseen(self._work.timeline),
            most=MOST_TOKENS,
            parameters={"temperature": 0},
            response_format=_form(len(self._order)) if self._work.llm.capabilities.json_schema else None,
        )

    def _shortened(self, place: int) -> str:
        """The end of a long one: there stands its answer."""
        text, most = without_thinking(self._replies[place]).strip(), ALL_CANDIDATES // len(self._replies)
        return text if len(text) <= most else f"…{text[-most:]}"


def _form(count: int) -> dict[str, Any]:
    fields = {"reason": {"type": "string"}, "choice": {"type": "integer", "enum": list(range(1, count + 1))}}
    schema = closed_object(fields)
    return {"type": "json_schema", "json_schema": {"name": "choice", "strict": True, "schema": schema}}


def choice_in(reply: str, count: int) -> tuple[int | None, str]:
    """The number of the reply, from 1 to `count`, and the reason; None where the JSON names none."""
    for given in reversed(json_found(without_thinking(reply)).values):
        if isinstance(given, Mapping) and type(choice := given.get("choice")) is int and 1 <= choice <= count:
            return choice, str(given.get("reason") or "")
    return None, ""
