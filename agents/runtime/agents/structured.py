"""`structured`: the answer conforms to the JSON Schema of the prompt's output, or is said not to (agents.md B.11)."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agents.runtime.agents.corrections import FAULTY_TEXT
from agents.runtime.agents.early_end import LastCall, last_request, notice_of
from agents.runtime.agents.structured_ladder import Rung, held, rungs
from agents.runtime.agents.structured_turn import StructuredTurn, block, text_of
from agents.runtime.answers import NO_ANSWER, Reading, correction, from_constrained, read_reply
from agents.runtime.answers.json_text import json_found
from agents.runtime.budget import Budget, LimitReached
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, CallChunk, Message, Request, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import broken_off
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.requests import request_for
from agents.runtime.steps import Timeline

EMPTY = "(empty)"
FILL_IN = "Stop here. Give the answer now in the form that was asked for, as well as you can from what is known."
DECLINED = "The model declined to answer."
CONSTRAINED: frozenset[Rung] = frozenset({"json_schema", "function"})
# A server that says one of these of a format may take the next looser one.
REFUSALS = frozenset({"unsupported", "bad_request"})


class Structured:
    """An agent that fills in a form. `run` may be called any number of times, also at once."""

    def __init__(self, llm: LLM, prompt: PromptSpec, limits: Limits | None = None) -> None:
        self.llm = llm
        self.prompt = prompt
        self.limits = limits or Limits()

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        """Fill in the form for `inputs`, the prompt's variables, after the turns of `history`; the last is `Finished`.

        Its answer is a block of JSON; one that doesn't conform after a second try ends with `format_errors`. Raises
        ModelError where the server fails or says nothing, RunError where it filters the answer or a limit comes before
        any answer, and PromptError for inputs that the prompt can't be rendered with.
        """
        messages = render(self.prompt, inputs, history=history)
        async with aclosing(_Run(self.llm, self.prompt, self.limits, messages).events()) as events:
            async for event in events:
                yield event


class _Run:
    """A reply, and where it can't be used, one more."""

    def __init__(self, llm: LLM, prompt: PromptSpec, limits: Limits, messages: Sequence[Message]) -> None:
        self.llm = llm
        self.prompt = prompt
        self.limits = limits
        self.messages = list(messages)
        self.budget = Budget(limits)
        self.timeline = Timeline()
        self.turn = StructuredTurn(self.timeline)
        self.rungs = rungs(llm.capabilities)
        self.reading: Reading | None = None
        self.declined = False
        self.begun = ""

    async def events(self) -> AsyncGenerator[AnyEvent]:
        stopped: StopReason | None = None
        try:
            for again in (False, True):
                async with aclosing(self._asked(again=again)) as events:
                    async for event in events:
                        yield event
                if self.reading and (self.reading.answered or self.declined):
                    break
                if not again:
                    for event in self._correct():
                        yield event
        except LimitReached as limit:
            stopped = limit.reason
            yield Notice(stopped, notice_of(stopped, self.limits))
            if self.limits.on_limit == "generate" and (self.reading or self.timeline.last):
                async with aclosing(self._last_word()) as events:
                    async for event in events:
                        yield event
        for event in self._end(stopped):
            yield event

    # --- a reply

    async def _asked(self, *, again: bool) -> AsyncGenerator[AnyEvent]:
        """One reply, by the firmest means that the server takes."""
        able = rungs(self.llm.capabilities)
        self.rungs = [rung for rung in self.rungs if rung in able]
        while True:
            shown = self.timeline.last
            try:
                async with aclosing(self._replied(again=again)) as events:
                    async for event in events:
                        yield event
                return
            except ModelError as error:
                if error.code not in REFUSALS or len(self.rungs) == 1 or self.timeline.last > shown:
                    raise
                self.rungs.pop(0)

    async def _replied(self, *, again: bool) -> AsyncGenerator[AnyEvent]:
        self.budget.check(self.messages, self.llm.price)
        call = ModelCall(self.llm, self._request(), deadline=self.budget.deadline)
        self.turn = StructuredTurn(self.timeline)
        self.timeline.asked()
        yield call.announced(self.timeline.next)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    for event in self.turn.read(chunk) if isinstance(chunk, TextChunk | CallChunk) else [chunk]:
                        yield event
        except (ModelError, LimitReached) as error:
            yield self._recorded(call.record(max(1, self.timeline.last), outcome=broken_off(error)))
            raise
        reading = self.reading = self._read(call, again=again)
        yield self._recorded(call.record(max(1, self.timeline.last), outcome=reading.outcome, flags=reading.flags))
        if call.finish_reason == "content_filter":
            raise RunError("content_filter", SENTENCES["content_filter"])

    def _request(self) -> Request:
        return held(request_for(self.llm, self.prompt, self.messages), self.rungs[0], self.prompt.output)

    def _recorded(self, record: ModelCalled) -> ModelCalled:
        self.budget.add(record)
        return record

    def _read(self, call: ModelCall, *, again: bool) -> Reading:
        """By the form that the server was held to, else by the rules for any reply."""
        text, spec = text_of(self.turn, call), self.prompt.output
        self.declined = call.reply is not None and call.reply.refused
        whole = not self.declined and call.finish_reason != "content_filter"
        found = from_constrained(text, spec) if self.rungs[0] in CONSTRAINED and whole else NO_ANSWER
        if found.value is None:
            reading = read_reply(text, spec, finish_reason=call.finish_reason, refused=self.declined)
        else:
            flags = tuple(sorted(json_found(text).flags))
            reading = Reading("repaired" if flags else "parsed", found, text, flags)
        return replace(reading, outcome="reasked") if again and reading.answered else reading

    def _correct(self) -> Iterator[AnyEvent]:
        """The model is told once what is wrong with its answer."""
        if self.reading is None:
            return
        yield from self.turn.take_back()
        yield Notice("format_correction", "Asked the model to fix its format.")
        told = correction(self.reading, self.prompt.output, constrained=self.rungs[0] in CONSTRAINED)
        self.messages += [Message("assistant", self.reading.text[:FAULTY_TEXT] or EMPTY), Message("user", told)]

    # --- the end

    async def _last_word(self) -> AsyncGenerator[AnyEvent]:
        """One more call, outside of the budget, for a form that is filled in as far as it can be."""
        self.begun = self.turn.cut_off()
        for closing in self.turn.take_back():
            yield closing
        self.turn, request = StructuredTurn(self.timeline), self._request()
        asked = replace(last_request(request, FILL_IN), response_format=request.response_format)
        last = LastCall(self.llm, asked, self.limits)
        async with aclosing(last.events(self.timeline)) as events:
            async for event in events:
                yield event
        reading = self._read(last.call, again=False)
        yield self._recorded(last.record(self.timeline.next, read=reading.outcome))
        if reading.answered or self.declined:
            self.reading = reading

    def _end(self, stopped: StopReason | None) -> Iterator[AnyEvent]:
        reading = self.reading
        if reading and reading.answered:
            answer, reason = block(reading, self.prompt.output.schema or {}), stopped or "finished"
        elif reading and self.declined:
            answer, reason = reading.text or DECLINED, "refused"
        else:
            begun = self.turn.cut_off() or self.begun
            answer, reason = begun or (reading.text if reading else ""), stopped or "format_errors"
        if not answer.strip():
            raise _failed(reason)
        if reading and reason == "format_errors":
            yield Notice("format_errors", f"The answer isn't in the form that was asked for: {reading.problem}.")
        yield from self.turn.settle(answer)
        outcome = reading.outcome if reading else "truncated"
        flags = reading.flags if reading else ()
        yield Finished(answer, reason, self.budget.used, flags, reading.extraction if reading else NO_ANSWER, outcome)


def _failed(reason: StopReason) -> RunError:
    """Nothing came that could stand as an answer."""
    if reason == "timeout":
        return RunError("timeout", SENTENCES["timeout"], retryable=True)
    if reason == "format_errors":
        return ModelError("protocol", "The model gave an empty answer. Try again.", retryable=True)
    return RunError(
        reason, "This is longer than the agent may use tokens for. Shorten it, or ask staff to raise the limit."
    )
