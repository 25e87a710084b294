"""One run of an agent that calls functions: reply, call, tell the results, until there is an answer or a limit."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.agents.corrections import FAULTY_TEXT, Corrections
from agents.runtime.agents.early_end import LastCall, cut_off_notice, fixed_answer, last_request, notice_of
from agents.runtime.agents.function_batch import Calling
from agents.runtime.agents.function_calls import MOST_CALLS, Ready, correction
from agents.runtime.agents.function_reply import FunctionReply, read_reply
from agents.runtime.agents.function_retry import asked_again
from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.function_turn import EMPTY, FunctionTurn
from agents.runtime.budget import Budget, LimitReached
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, CallChunk, Message, Request, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import broken_off, outcome_of_words
from agents.runtime.parsing.results import Retry, UnknownTool
from agents.runtime.parsing.text_call_stream import may_be_call
from agents.runtime.parsing.text_calls import marked_from
from agents.runtime.parsing.thinking import without_thinking
from agents.runtime.prompts import PromptSpec
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.requests import request_for
from agents.runtime.steps import Timeline


class FunctionRun:
    """An append-only transcript, a timeline, and what may still be used.

    Replies that were no calls and what the model was told of them stand beside the transcript until it makes a call:
    what it had said wrongly it would say again, after a result too.

    `direct` names the tools whose result is the answer. `has_begun` tells that steps were shown.
    """

    def __init__(
        self,
        llm: LLM,
        prompt: PromptSpec,
        functions: Functions,
        limits: Limits,
        messages: Sequence[Message],
        direct: frozenset[str] = frozenset(),
    ) -> None:
        self.llm = llm
        self.prompt = prompt
        self.functions = functions
        self.limits = limits
        self.messages = list(messages)
        self.budget = Budget(limits)
        self.timeline = Timeline()
        self.calling = Calling(llm, self.budget, self.timeline, direct)
        self.corrections = Corrections(limits.max_format_corrections)
        self.flags: set[str] = set()
        self.answer = ""
        self.reason: StopReason | None = None
        self.reply = FunctionReply("")
        self._begun = ""
        self._beside: list[Message] = []
        self._mistake: Retry | UnknownTool | None = None

    @property
    def has_begun(self) -> bool:
        return self.timeline.last > 0

    @property
    def _transcript(self) -> list[Message]:
        return [*self.messages, *self._beside]

    @property
    def outcome(self) -> str:
        """Of the answer as a whole: that of the reply that gave it, if one did; a tool's result has none."""
        if self.reason == "return_direct":
            return ""
        return self.reply.outcome if self.reason in ("finished", "refused") else "failed"

    async def events(self) -> AsyncGenerator[AnyEvent]:
        """All that happens, once. The last event is `Finished`, also at a limit, with the best answer there is.

        Raises ModelError where the server fails, with the code `unsupported` where it knows no functions, and RunError
        `content_filter` where it filters the answer.
        """
        try:
            async with aclosing(self._steps()) as events:
                async for event in events:
                    yield event
        except LimitReached as limit:
            self.reason = limit.reason
            async with aclosing(self._end_early(limit.reason)) as events:
                async for event in events:
                    yield event
        yield Finished(
            self.answer, self.reason or "finished", self.budget.used, tuple(sorted(self.flags)), outcome=self.outcome
        )

    async def _steps(self) -> AsyncGenerator[AnyEvent]:
        for _ in range(self.limits.max_steps):
            self.budget.check(self._transcript, self.llm.price)
            turn, request = self._next()
            call = ModelCall(self.llm, request, deadline=self.budget.deadline)
            async with aclosing(self._replied(turn, call)) as events:
                async for event in events:
                    yield event
            async with aclosing(self._follow(turn, self.reply)) as events:
                async for event in events:
                    yield event
            if self.reason:
                return
        raise LimitReached("max_steps")

    def _next(self) -> tuple[FunctionTurn, Request]:
        """The next call and what reads its reply: held to a form after a mistake, where the server can do that."""
        request = replace(request_for(self.llm, self.prompt, self._transcript), functions=self.functions.specs)
        able = self.llm.capabilities
        mistake, self._mistake = self._mistake, None
        if mistake and able.json_schema:
            return asked_again(request, mistake, self.functions, self.timeline)
        several = able.parallel_tools and len(self.functions.specs) > 1
        turn = FunctionTurn(self.timeline, self.functions, again=not self.corrections.begins_row)
        return turn, replace(request, parallel_calls=True if several else None)

    # --- a reply

    async def _replied(self, turn: FunctionTurn, call: ModelCall) -> AsyncGenerator[AnyEvent]:
        """One model call, shown as it comes; then `reply` says what it means."""
        self.timeline.asked()
        yield call.announced(self.timeline.next)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    for event in turn.read(chunk) if isinstance(chunk, TextChunk | CallChunk) else [chunk]:
                        yield event
        except (ModelError, LimitReached) as error:
            self._begun = turn.begun
            for event in turn.show_held() if isinstance(error, ModelError) else turn.steps.take_back():
                yield event
            yield self._recorded(call.record(max(1, self.timeline.last), outcome=broken_off(error)))
            raise
        for event in turn.end(call.calls, call.finish_reason):
            yield event
        asked_again = self.corrections.in_a_row > 0
        self.reply = reply = replace(read_reply(turn, call, self.functions), asked_again=asked_again)
        self.flags.update(reply.flags)
        yield self._recorded(call.record(max(1, self.timeline.last), outcome=reply.outcome, flags=reply.flags))
        if call.finish_reason == "content_filter":
            raise RunError("content_filter", SENTENCES["content_filter"])

    def _recorded(self, record: ModelCalled) -> ModelCalled:
        self.budget.add(record)
        return record

    async def _follow(self, turn: FunctionTurn, reply: FunctionReply) -> AsyncGenerator[AnyEvent]:
        """Do what the reply asks for."""
        if reply.calls:
            async with aclosing(self._call(turn, reply)) as events:
                async for event in events:
                    yield event
        elif reply.problem:
            said = reply.text[:FAULTY_TEXT]
            if said or self._transcript[-1].role == "user":  # two of a user in a row are more than some servers take
                self._beside.append(Message("assistant", said or EMPTY))
            self._beside.append(Message("user", correction(reply.problem, self.functions)))
            for event in self._corrected(reply):
                yield event
        else:
            self.answer, self.reason = reply.text, "refused" if reply.refused else "finished"
            if reply.cut_off:
                yield cut_off_notice(reply.finish_reason)

    # --- calls

    async def _call(self, turn: FunctionTurn, reply: FunctionReply) -> AsyncGenerator[AnyEvent]:
        """Make the calls that can be made. Every call gets its message, also when the run ends among them."""
        for event in self._leave_aside(turn, reply):
            yield event
        ready = reply.ready
        if not ready:
            self.messages += self._beside
        self._beside.clear()
        steps = {reply.calls[place].id: step for place, step in turn.steps.actions.items()}
        try:
            async with aclosing(self.calling.events(ready, steps)) as events:
                async for event in events:
                    yield event
        finally:
            self.messages += reply.messages(self.calling.told, self.functions)
        if self.calling.answer:
            self.answer, self.reason = self.calling.answer, "return_direct"
            for showing in self.timeline.whole("answer", self.answer):
                yield showing
        elif self.calling.keeps_failing:
            raise LimitReached("loop")
        elif ready:
            self.corrections.reset()
        else:
            for event in self._corrected(reply):
                yield event

    def _leave_aside(self, turn: FunctionTurn, reply: FunctionReply) -> Iterator[AnyEvent]:
        """Calls that can't be made are no actions; nor are those beyond what one turn may hold."""
        for place, read in enumerate(reply.read):
            if not isinstance(read, Ready):
                yield from turn.steps.take_back_action(place)
        if len(reply.calls) > MOST_CALLS:
            told = f"The model wanted {len(reply.calls)} tools at once. The first {MOST_CALLS} were used."
            yield Notice("too_many_calls", told)

    # --- a reply that can't be used

    def _corrected(self, reply: FunctionReply) -> Iterator[AnyEvent]:
        """The model has been told; whether it may try again is counted."""
        mistake: Retry | UnknownTool = reply.mistakes[0]
        if not self.corrections.gives_up(mistake):
            self._mistake = None if isinstance(mistake, Retry) and mistake.code == "truncated" else mistake
            yield Notice("format_correction", "Asked the model to fix its format.")
        elif reply.text and reply.calls and not reply.cut_off:
            self.answer, self.reason = reply.text, "finished"
            self.flags.add("plain_text")
            yield from self.timeline.whole("answer", reply.text)
        else:
            raise LimitReached("format_errors")

    # --- a limit

    async def _end_early(self, reason: StopReason) -> AsyncGenerator[AnyEvent]:
        """One more call, outside of the budget, for what can be said by now; else what was written, or a sentence."""
        for closing in self.timeline.close_all():
            yield closing
        yield Notice(reason, notice_of(reason, self.limits))
        if self.limits.on_limit == "generate":
            request = replace(request_for(self.llm, self.prompt, self.messages), functions=self.functions.specs)
            # The functions stay in the request, which keeps the server's cache.
            last = LastCall(self.llm, replace(last_request(request), function_choice="none"), self.limits)
            async with aclosing(last.events(self.timeline)) as events:
                async for event in events:
                    yield event
            self.answer = self._said_in(last.text)
            yield self._recorded(last.record(self.timeline.next, read=outcome_of_words(self.answer)))
        self.answer = self.answer or self._begun or fixed_answer(reason, self.limits, self.calling.observation)
        for showing in self.timeline.whole("answer", self.answer):
            yield showing

    def _said_in(self, last: str) -> str:
        """The text of the last call, up to what is a call written as text."""
        text = without_thinking(last).strip()
        if may_be_call(text, self.functions.names.tool_of):
            return ""
        return text[: marked_from(text)].strip()
