"""Samples of one prompt: drawn by the API's `n` where the server has it, else by calls side by side."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agents.runtime.answers import NO_ANSWER, Extraction, read_reply
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent
from agents.runtime.interleaving import interleaved
from agents.runtime.llm import Choice, Message
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.views import ChoicesView, step_beside
from agents.runtime.strategies.work import Work

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply. Its `extraction` has no value where it abstains: no answer found, or cut off by its length."""

    text: str
    extraction: Extraction
    outcome: str
    logprob: float | None = None


class Sampler:
    """Draws samples in waves and keeps them in the order of their steps."""

    def __init__(self, work: Work, messages: Sequence[Message], parameters: Mapping[str, Any]) -> None:
        self._work = work
        self._messages = messages
        self._parameters = dict(parameters)
        self._drawn: dict[int, Sample] = {}
        self._asked = 0
        self._failure: ModelError | None = None

    @property
    def samples(self) -> list[Sample]:
        return [self._drawn[index] for index in sorted(self._drawn)]

    @property
    def values(self) -> list[str | None]:
        return [sample.extraction.value for sample in self.samples]

    async def draw(self, count: int) -> AsyncGenerator[AnyEvent]:
        """`count` more. What a server leaves out of `n` is asked for one by one. Raises where none came at all."""
        wanted = self._asked + count
        if count > 1 and self._work.llm.capabilities.n:
            async with aclosing(self._together(count)) as events:
                async for event in events:
                    yield event
        alone = [self._alone(index) for index in range(self._asked, wanted)]
        self._asked = wanted
        async with aclosing(interleaved(alone, at_once=AT_ONCE)) as events:
            async for event in events:
                yield event
        if not self._drawn and self._failure:
            raise self._failure

    async def _together(self, count: int) -> AsyncGenerator[AnyEvent]:
        view = ChoicesView(self._work.timeline, "sample")
        asking = Asking(self._work, self._messages, view, parameters=self._parameters, n=count)
        async with aclosing(asking.events()) as events:
            async for event in events:
                yield event
        reply = asking.call.reply
        for choice in (reply.choices if reply else ()) or (Choice(asking.text, asking.finish_reason),):
            self._keep(self._asked, choice)
            self._asked += 1
        yield asking.recorded(self._drawn[self._asked - 1].outcome)

    async def _alone(self, index: int) -> AsyncGenerator[AnyEvent]:
        self._work.budget.check(self._messages)
        view, opening = step_beside(self._work.timeline, "sample")
        for event in opening:
            yield event
        asking = Asking(self._work, self._messages, view, parameters=self._seeded(index))
        try:
            async with aclosing(asking.events()) as events:
                async for shown in events:
                    yield shown
        except ModelError as error:
            self._failure = error  # the others may do without this one
        else:
            self._keep(index, Choice(asking.text, asking.finish_reason))
            yield asking.recorded(self._drawn[index].outcome)
        for event in view.close():
            yield event

    def _seeded(self, index: int) -> dict[str, Any]:
        """Each with a seed of its own: a server that remembers replies would give the same one again."""
        seed = self._parameters.get("seed")
        return {**self._parameters, "seed": seed + index} if isinstance(seed, int) else self._parameters

    def _keep(self, index: int, choice: Choice) -> None:
        reading = read_reply(
            choice.text, self._work.spec.output, finish_reason=choice.finish_reason, refused=choice.refused
        )
        cut_off = choice.finish_reason in ("length", "truncated")
        outcome = "truncated" if cut_off else reading.outcome
        self._drawn[index] = Sample(choice.text, NO_ANSWER if cut_off else reading.extraction, outcome, choice.logprob)
