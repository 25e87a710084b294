"""The model chooses the most consistent of several replies (Chen et al. 2023, arXiv 2311.17311 §3)."""

import json
import random
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final

from agents.runtime.events import AnyEvent
from agents.runtime.llm import Message
from agents.runtime.loop import LimitReached
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.views import Unseen
from agents.runtime.strategies.work import Work

SEED: Final = 7  # candidates are shuffled, as models prefer certain places; the same way each time
ALL_CANDIDATES: Final = 12_000  # characters, shared evenly
MOST_TOKENS: Final = 300
ASK: Final = (
    "Several replies to this were given. Which of them agrees best with the others? Judge what they say, not how they "
    'say it. Reply with JSON: {{"reason": "one sentence", "choice": the number of the reply}}.\n\n{candidates}'
)


class Picking:
    """Afterwards `index` is the chosen reply: `otherwise` where the model names none that exists."""

    def __init__(self, work: Work, replies: Sequence[str], *, otherwise: int) -> None:
        self.index = otherwise
        self._work = work
        self._replies = replies
        self._order = random.Random(SEED).sample(range(len(replies)), len(replies))  # noqa: S311

    async def events(self) -> AsyncGenerator[AnyEvent]:
        try:
            asking = self._asking()
            async with aclosing(asking.events()) as events:
                async for event in events:
                    yield event
        except LimitReached:
            return
        chosen, reason = _choice_in(asking.text)
        if chosen is not None and 1 <= chosen <= len(self._order):
            self.index = self._order[chosen - 1]
            told = f"The model chose sample {self.index + 1}. {reason}".strip()
        else:
            told = f"The model named no sample; number {self.index + 1} is taken."
        yield asking.recorded("parsed" if chosen is not None else "failed")
        for event in self._work.timeline.whole("vote", told):
            yield event

    def _asking(self) -> Asking:
        *before, question = self._work.messages()
        each = ALL_CANDIDATES // len(self._replies)
        listed = "\n\n".join(f"Reply {n}:\n{self._replies[i][:each]}" for n, i in enumerate(self._order, 1))
        asked = Message("user", f"{question.content}\n\n{ASK.format(candidates=listed)}")
        form = _form(len(self._order)) if self._work.llm.capabilities.json_schema else None
        system = [message for message in before if message.role == "system"][:1]
        view = Unseen(self._work.timeline)
        return Asking(
            self._work,
            [*system, asked],
            view,
            most=MOST_TOKENS,
            parameters={"temperature": 0},
            response_format=form,
        )


def _form(count: int) -> dict[str, Any]:
    fields = {"reason": {"type": "string"}, "choice": {"type": "integer", "enum": list(range(1, count + 1))}}
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "choice", "strict": True, "schema": schema}}


def _choice_in(reply: str) -> tuple[int | None, str]:
    """The number and the reason; where the reply isn't JSON, its first whole number."""
    try:
        given = json.loads(reply)
        return int(given["choice"]), str(given.get("reason") or "")
    except (ValueError, KeyError, TypeError):
        number = re.search(r"\d{1,3}", reply)
        return (int(number[0]) if number else None), ""
