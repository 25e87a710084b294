"""One run of a text agent: reply, act, observe, until there is an answer or a limit (agents.md B.0)."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.agents.acting import Acting
from agents.runtime.agents.constrained import ConstrainedTurn, constrained, said_in
from agents.runtime.agents.corrections import FAULTY_TEXT, Corrections, correction
from agents.runtime.agents.dialect import Dialect
from agents.runtime.agents.early_end import LastCall, cut_off_notice, fixed_answer, last_request, notice_of
from agents.runtime.agents.parts import Parts
from agents.runtime.agents.reply_outcome import outcome_of
from agents.runtime.agents.text_tools import TextTools
from agents.runtime.agents.turns import Turn
from agents.runtime.budget import Budget, LimitReached
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Request, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import outcome_of_words
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.parsing.results import Action, AnyResult, Finish, Retry, UnknownTool
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.requests import request_for
from agents.runtime.steps import Timeline

TURN_TOKENS = 1024


class TextRun:
    """An append-only transcript, a timeline, and what may still be used.

    Earlier turns never change, as the prompt caches of model servers depend on them.
    """

    def __init__(self, parts: Parts, limits: Limits, dialect: Dialect, messages: list[Message]) -> None:
        self.llm, self.prompt, self.direct = parts.llm, parts.prompt, parts.direct
        self.limits = limits
        self.dialect = dialect
        self.messages = messages
        self.tools = TextTools(parts.tools)
        self.budget = Budget(limits)
        self.timeline = Timeline()
        self.corrections = Corrections(limits.max_format_corrections, dialect.is_answer)
        tools = {tool.name: tool for tool in parts.tools}
        self.acting = Acting(parts.llm, tools, dialect, self.budget, self.timeline)
        self.turn = 0
        self.asks_again = False
        self.flags: set[str] = set()
        self.outcome = ""
        self.answer = ""
        self.forced = False  # whether the answer is a sentence of ours, and none of the model's
        self.reason: StopReason = "finished"

    async def events(self) -> AsyncGenerator[AnyEvent]:
        """All that happens, once. The last event is `Finished`, also at a limit, with the best answer there is.

        Raises ModelError where the server fails, and RunError `content_filter` where it filters the answer.
        """
        try:
            async with aclosing(self._steps()) as events:
                async for event in events:
                    yield event
        except LimitReached as limit:
            self.reason = limit.reason
            async with aclosing(self._end_early()) as events:
                async for event in events:
                    yield event
        if not self.forced and (reservations := self.dialect.reservations()):
            self.flags.add(reservations.code)
            yield reservations
        flags = tuple(sorted(self.flags))
        yield Finished(self.answer, self.reason, self.budget.used, flags, outcome=self.outcome)

    async def _steps(self) -> AsyncGenerator[AnyEvent]:
        while self.turn < self.limits.max_steps:
            self.turn += 1
            self.budget.check(self.messages, self.llm.price)
            turn = self._next_turn()
            async with aclosing(self._reply(turn)) as events:
                async for event in events:
                    yield event
            self.flags.update(turn.result.flags)
            if not self.answer:
                async with aclosing(self._follow(turn)) as events:
                    async for event in events:
                        yield event
            if self.answer:
                return
        raise LimitReached("max_steps")

    # --- a reply

    def _next_turn(self) -> Turn | ConstrainedTurn:
        if self._is_constrained():
            return ConstrainedTurn(self.timeline, self.dialect, self.tools, self.turn)
        return Turn(self.timeline, self.dialect.grammar, self.tools)

    def _is_constrained(self) -> bool:
        return self.asks_again and self.llm.capabilities.json_schema

    def _request(self) -> Request:
        stop = self.dialect.grammar.stop
        request = request_for(self.llm, self.prompt, self.messages, most=TURN_TOKENS, stop=stop)
        return constrained(request, self.tools) if self._is_constrained() else request

    async def _reply(self, turn: Turn | ConstrainedTurn) -> AsyncGenerator[AnyEvent]:
        """One model call, shown as it comes and ended when it goes on although its meaning is decided."""
        call = ModelCall(self.llm, self._request(), deadline=self.budget.deadline)
        self.timeline.asked()
        yield call.announced(self.timeline.next)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
                    elif isinstance(chunk, TextChunk):
                        if turn.decided and chunk.text.strip():
                            break  # not earlier: a reply that ends by itself tells what it cost
                        for event in turn.read(chunk):
                            yield event
        except ModelError:
            yield self._recorded(call, "failed")
            raise
        except LimitReached:
            yield self._recorded(call, "truncated")
            raise
        for shown in turn.end(call.finish_reason):
            yield shown
        self.outcome = outcome_of(turn.result, call, asked_again=self.asks_again)
        self.asks_again = False
        yield self._recorded(call, self.outcome, turn.result.flags)
        for ending in self._cut_short(call, turn.result):
            yield ending

    def _recorded(self, call: ModelCall, outcome: str, flags: tuple[str, ...] = ()) -> ModelCalled:
        return self._counted(call.record(max(1, self.timeline.last), outcome=outcome, flags=flags))

    def _counted(self, record: ModelCalled) -> ModelCalled:
        self.budget.add(record)
        return record

    def _cut_short(self, call: ModelCall, result: AnyResult) -> Iterator[AnyEvent]:
        """A reply that ended in another way than by its last word."""
        if call.finish_reason == "content_filter":
            raise RunError("content_filter", SENTENCES["content_filter"])
        if call.reply is not None and call.reply.refused:
            self.reason = "refused"
            if not isinstance(result, Finish):  # one with its label is on the timeline already
                yield from self._answer_with(call.text.strip() or SENTENCES["content_filter"])
        elif call.finish_reason in CUT_OFF and isinstance(result, Finish):
            self.flags.add("truncated")
            yield cut_off_notice(call.finish_reason)

    def _answer_with(self, text: str) -> Iterator[AnyEvent]:
        """An answer that isn't on the timeline yet. One that was being written there is taken back."""
        yield from self.timeline.close("" if self.timeline.kind == "answer" else None)
        self.answer = text
        yield from self.timeline.whole("answer", text)

    # --- what the reply asks for

    async def _follow(self, turn: Turn | ConstrainedTurn) -> AsyncGenerator[AnyEvent]:
        match turn.result:
            case Finish():
                self.answer = turn.result.answer
            case Action():
                self.corrections.reset()
                async with aclosing(self._act(turn.result, turn.said)) as events:
                    async for event in events:
                        yield event
            case _:
                for event in self._correct(turn.result, turn.text):
                    yield event

    async def _act(self, action: Action, said: str) -> AsyncGenerator[AnyEvent]:
        async with aclosing(self.acting.events(action)) as events:
            async for event in events:
                yield event
        self._append(said, self.acting.observed)
        if action.tool in self.direct and self.acting.error is None:
            self.reason, self.outcome = "return_direct", ""  # a tool's result was asked for in no form
            for event in self._answer_with(self.acting.output):
                yield event
        elif self.acting.keeps_failing:
            raise LimitReached("loop")

    def _append(self, said: str, observed: str) -> None:
        told = self.dialect.observation(self.turn, observed)
        self.messages += [Message("assistant", said or "(empty)"), Message("user", told)]

    def _correct(self, result: Retry | UnknownTool, text: str) -> Iterator[AnyEvent]:
        if not self.corrections.gives_up(result):
            yield from self.timeline.close(result.thought)
            yield Notice("format_correction", "Asked the model to fix its format.")
            self.asks_again = True
            asked = correction(result, self.tools, self.dialect.sentences)
            self._append(self.dialect.own_words(text)[:FAULTY_TEXT], asked)
        elif self.corrections.is_prose(result):
            self.flags.add("plain_text")
            yield from self.timeline.close("")
            yield from self._answer_with(result.thought)
        else:
            raise LimitReached("format_errors")

    # --- a limit

    async def _end_early(self) -> AsyncGenerator[AnyEvent]:
        """The best answer that can be had: of one last call, what was just being written, or a fixed sentence."""
        begun = self.timeline.shown.strip() if self.timeline.kind == "answer" else ""
        self.outcome = "failed"  # of the run: what is said now is no answer in the form that was asked for
        self.asks_again = False  # for plain text, whatever the call before was asked for
        for closing in self.timeline.close("" if begun else None):
            yield closing
        yield Notice(self.reason, notice_of(self.reason, self.limits))
        asked = replace(last_request(self._request()), stop=())
        last = LastCall(self.llm, asked, self.limits) if self.limits.on_limit == "generate" else None
        if last:
            async with aclosing(last.events(self.timeline)) as events:
                async for event in events:
                    yield event
        said = self.dialect.grammar.before_actions(said_in(last.text)).strip() if last else ""
        self.forced = not (said or begun)
        for event in self._answer_with(said or begun or fixed_answer(self.reason, self.limits, self.acting.output)):
            yield event
        if last:
            yield self._counted(last.record(self.timeline.last, read=outcome_of_words(said)))
