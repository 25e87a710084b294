"""One model call of a strategy, shown as it comes."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from agents.runtime.answers import Outcome
from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent, Event, ModelCalled, Notice
from agents.runtime.llm import Choice, Message, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.requests import ANSWER_TOKENS, request_for
from agents.runtime.strategies.work import Work


class View(Protocol):
    """Where the text of a reply is shown: which steps it opens, and what it leaves open at the end."""

    @property
    def first_step(self) -> int:
        """The number of the step that it writes first, as far as that is known before."""

    @property
    def step(self) -> int:
        """The number of the step that it wrote last."""

    def read(self, chunk: TextChunk) -> Iterator[Event]: ...

    def end(self) -> Iterator[Event]: ...

    def close(self) -> Iterator[Event]: ...


class Asking:
    """Streams one call into a view. Afterwards the caller reads `text` and yields `recorded`, which says how it was."""

    def __init__(
        self,
        work: Work,
        messages: Sequence[Message],
        view: View,
        *,
        most: int = ANSWER_TOKENS,
        parameters: Mapping[str, Any] | None = None,
        response_format: Mapping[str, Any] | None = None,
        n: int = 1,
    ) -> None:
        request = request_for(work.llm, work.spec, messages, most=most)
        if parameters:
            request = replace(request, parameters={**request.parameters, **parameters})
        if response_format is not None:
            request = replace(request, response_format=response_format, format_fallback="none")
        if n > 1:
            request = replace(request, n=n)
        self.call = ModelCall(work.llm, request, deadline=work.budget.deadline)
        work.budget.check(self.call.request.messages, work.llm.price)
        self._work = work
        self._view = view

    @property
    def text(self) -> str:
        return self.call.text

    @property
    def finish_reason(self) -> str:
        return self.call.finish_reason

    @property
    def cut_off(self) -> bool:
        return self.call.finish_reason in CUT_OFF

    @property
    def refused(self) -> bool:
        """By the model's word, or by the server's filter."""
        declined = self.call.reply is not None and self.call.reply.refused
        return declined or self.finish_reason == "content_filter"

    @property
    def unusable(self) -> Outcome | None:
        """What became of a reply that nothing can be built on; None for one that is whole."""
        return "refused" if self.refused else "truncated" if self.cut_off else None

    @property
    def choice(self) -> Choice:
        """The reply as one of the choices that a request may have."""
        reply = self.call.reply
        if reply is not None and reply.choices:
            return reply.choices[0]
        return Choice(self.text, self.finish_reason, refused=self.refused)

    async def events(self) -> AsyncGenerator[AnyEvent]:
        """Raises ModelError, or LimitReached when the time is over: the call is then recorded as it ended."""
        if self._view.first_step > self._work.timeline.last:  # else its step is open, and waits for the first word
            self._work.timeline.asked()
        yield self.call.announced(self._view.first_step)
        try:
            async with aclosing(self.call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
                    elif isinstance(chunk, TextChunk):
                        for event in self._view.read(chunk):
                            yield event
        except (ModelError, LimitReached) as error:
            for event in (*self._view.end(), *self._view.close()):
                yield event
            yield self.recorded("failed" if isinstance(error, ModelError) else "truncated")
            raise
        for event in self._view.end():
            yield event

    def recorded(self, outcome: str, flags: tuple[str, ...] = ()) -> ModelCalled:
        """The call for the trace, counted; `outcome` as `answers.Outcome` has it."""
        record = self.call.record(max(1, self._view.step), outcome=outcome, flags=flags)
        self._work.budget.add(record)
        if self.text.strip():
            self._work.outline.asking = self
        return record
