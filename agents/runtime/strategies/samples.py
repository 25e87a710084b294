"""Samples of one prompt: drawn by the API's `n` where the server has it, else by calls side by side."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from agents.runtime.answers import NO_ANSWER, Reading, read_reply
from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent
from agents.runtime.interleaving import interleaved
from agents.runtime.llm import Choice, Message
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.step_views import ChoicesView, step_beside
from agents.runtime.strategies.work import Work

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply. Its reading has no value where it abstains: no answer found, refused, or cut off by its length."""

    text: str
    reading: Reading
    finish_reason: str
    logprob: float | None = None

    @property
    def value(self) -> str | None:
        return self.reading.extraction.value

    @property
    def is_whole(self) -> bool:
        return self.finish_reason not in CUT_OFF

    @property
    def is_readable(self) -> bool:
        """Whether people can be shown it where no sample has a value."""
        return bool(self.text.strip()) and self.finish_reason != "content_filter"


class Sampler:
    """Draws samples in waves and keeps them in the order of their steps."""

    def __init__(self, work: Work, messages: Sequence[Message], parameters: Mapping[str, Any]) -> None:
        self._work = work
        self._messages = messages
        self._parameters = dict(parameters)
        self._drawn: dict[int, Sample] = {}
        self._asked = 0
        self._failure: ModelError | None = None
        self._limit: LimitReached | None = None

    @property
    def samples(self) -> list[Sample]:
        return [self._drawn[index] for index in sorted(self._drawn)]

    @property
    def values(self) -> list[str | None]:
        return [sample.value for sample in self.samples]

    async def draw(self, count: int) -> AsyncGenerator[AnyEvent]:
        """`count` more. What a server leaves out of `n` is asked for one by one.

        Raises LimitReached when what is under way has ended, and ModelError where no sample came at all.
        """
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
        if self._limit is not None:
            raise self._limit
        if not self._drawn and self._failure:
            raise self._failure

    async def _together(self, count: int) -> AsyncGenerator[AnyEvent]:
        view = ChoicesView(self._work.timeline, "sample")
        asking = Asking(self._work, self._messages, view, parameters=self._seeded(self._asked), n=count)
        try:
            async with aclosing(asking.events()) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            self._keep_all(asking.call.finished_choices)
            self._failure = error
            return
        except LimitReached:
            self._keep_all(asking.call.finished_choices)
            raise
        reply = asking.call.reply
        self._keep_all((reply.choices if reply else ()) or (asking.choice,))
        yield asking.recorded(self._drawn[self._asked - 1].reading.outcome)

    async def _alone(self, index: int) -> AsyncGenerator[AnyEvent]:
        """A failure or a limit of one leaves the others alone: they are paid for."""
        if self._limit is not None:
            return
        try:
            self._work.budget.check(self._messages, self._work.llm.price)
        except LimitReached as limit:
            self._limit = limit
            return
        view, opening = step_beside(self._work.timeline, "sample")
        for event in opening:
            yield event
        try:
            asking = Asking(self._work, self._messages, view, parameters=self._seeded(index))
            async with aclosing(asking.events()) as events:
                async for shown in events:
                    yield shown
        except ModelError as error:
            self._failure = error
        except LimitReached as limit:
            self._limit = limit
        else:
            self._keep(index, asking.choice)
            yield asking.recorded(self._drawn[index].reading.outcome)
        for event in view.close():
            yield event

    def _seeded(self, index: int) -> dict[str, Any]:
        """Each with a seed of its own: a server that remembers replies would give the same one again."""
        seed = self._parameters.get("seed")
        return {**self._parameters, "seed": seed + index} if isinstance(seed, int) else self._parameters

    def _keep_all(self, choices: Iterable[Choice]) -> None:
        for choice in choices:
            self._keep(self._asked, choice)
            self._asked += 1

    def _keep(self, index: int, choice: Choice) -> None:
        """One that was cut off doesn't vote: its last number would be a guess."""
        output = self._work.spec.output
        reading = read_reply(choice.text, output, finish_reason=choice.finish_reason, refused=choice.refused)
        if choice.finish_reason in CUT_OFF:
            reading = replace(reading, outcome="truncated", extraction=NO_ANSWER)
        self._drawn[index] = Sample(choice.text, reading, choice.finish_reason, choice.logprob)
