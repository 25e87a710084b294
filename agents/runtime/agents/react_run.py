"""One run of a text agent: reply, act, observe, until there is an answer or a limit."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from agents.runtime.agents.corrections import FAULTY_TEXT, Corrections, correction, is_prose
from agents.runtime.agents.early_end import fixed_answer, last_call_s, last_request, notice_of, usable
from agents.runtime.agents.turns import Turn
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason, ToolCalled, ToolFinished
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, TextChunk
from agents.runtime.loop import Budget, LimitReached, ModelCall, now, request_for
from agents.runtime.observations import LABEL, neutral
from agents.runtime.parsing.cut import up_to_action
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.parsing.results import Action, AnyResult, Finish, Retry, UnknownTool
from agents.runtime.prompts import PromptSpec
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.repetition import HINT, REFUSAL, Repetition
from agents.runtime.steps import Timeline
from agents.runtime.text import clean, cleaned
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import Tool, ToolContext, ToolResult

STOP = ("\nObservation:",)
TURN_TOKENS = 1024


class ReactRun:
    """One run: an append-only transcript, a timeline, and what may still be used."""

    def __init__(
        self, llm: LLM, prompt: PromptSpec, tools: Mapping[str, Tool], limits: Limits, messages: list[Message]
    ) -> None:
        self.llm = llm
        self.prompt = prompt
        self.tools = tools
        self.limits = limits
        self.messages = messages
        self.budget = Budget(limits)
        self.timeline = Timeline()
        self.repetition = Repetition()
        self.corrections = Corrections(limits.max_format_corrections)
        self.kinds = {name: tool.input_kind for name, tool in tools.items()}
        self.state: dict[str, Any] = {}
        self.calls = 0
        self.observation = ""
        self.flags: set[str] = set()
        self.answer = ""

    async def events(self) -> AsyncGenerator[AnyEvent]:
        reason: StopReason = "finished"
        try:
            async with aclosing(self._steps()) as events:
                async for event in events:
                    yield event
        except LimitReached as limit:
            reason = limit.reason
            async with aclosing(self._end_early(reason)) as events:
                async for event in events:
                    yield event
        yield Finished(self.answer, reason, self.budget.used, tuple(sorted(self.flags)))

    async def _steps(self) -> AsyncGenerator[AnyEvent]:
        for _ in range(self.limits.max_steps):
            self.budget.check(self.messages)
            turn = Turn(self.timeline, self.kinds)
            async with aclosing(self._reply(turn)) as events:
                async for event in events:
                    yield event
            self.flags.update(turn.result.flags)
            async with aclosing(self._follow(turn.result, turn.text)) as events:
                async for event in events:
                    yield event
            if self.answer:
                return
        raise LimitReached("max_steps")

    async def _reply(self, turn: Turn) -> AsyncGenerator[AnyEvent]:
        """One model call, shown as it comes and ended as soon as its meaning is decided."""
        request = request_for(self.llm, self.prompt, self.messages, most=TURN_TOKENS, stop=STOP)
        call = ModelCall(self.llm, request, deadline=self.budget.deadline)
        self.timeline.asked()
        yield call.announced(self.timeline.next)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
                    elif isinstance(chunk, TextChunk):
                        for event in turn.read(chunk):
                            yield event
                    if turn.decided:
                        break
        except (ModelError, LimitReached):
            yield self._recorded(call)
            raise
        for event in turn.end(call.finish_reason):
            yield event
        yield self._recorded(call)
        if call.finish_reason == "content_filter":
            raise RunError("content_filter", SENTENCES["content_filter"])
        if call.finish_reason in CUT_OFF and isinstance(turn.result, Finish):
            self.flags.add("truncated")
            yield Notice("truncated", "The answer was cut off by the length limit.")

    def _recorded(self, call: ModelCall) -> ModelCalled:
        record = call.record(max(1, self.timeline.last))
        self.budget.used += record.usage
        return record

    async def _follow(self, result: AnyResult, text: str) -> AsyncGenerator[AnyEvent]:
        """Do what the reply asks for."""
        match result:
            case Finish():
                self.answer = result.answer
            case Action():
                self.corrections.reset()
                async with aclosing(self._act(result, text)) as events:
                    async for event in events:
                        yield event
            case _:
                for event in self._correct(result, text):
                    yield event

    # --- an action

    async def _act(self, action: Action, text: str) -> AsyncGenerator[AnyEvent]:
        tool, given = self.tools[action.tool], cleaned(action.input)
        verdict = "run" if tool.volatile else self.repetition.judge(tool.name, given)
        if verdict == "stop":
            raise LimitReached("loop")
        self.calls += 1
        step, call, began = self.timeline.last, f"call-{self.calls}", now()
        yield ToolCalled(step, call, tool.name, given)
        if verdict == "run":
            run = self._tool_run(tool, given)
            async with aclosing(run.events()) as events:
                async for event in events:
                    self._count(event)
                    yield event
            output, error = self._remembered(tool, given, run.result)
        else:
            output, error = self._not_run(tool, given, verdict), None
        yield ToolFinished(call, output, error, round((now() - began) * 1000))
        for closing in (*self.timeline.close(as_text(given)), *self.timeline.whole("observation", output, step)):
            yield closing
        self._append(up_to_action(text), output)
        if self.repetition.keeps_failing:
            raise LimitReached("loop")

    def _tool_run(self, tool: Tool, given: Any) -> ToolRun:
        context = ToolContext(
            self.llm, self.timeline.last, lambda _: None, self.state, self.timeline.number, self.budget
        )
        return ToolRun(tool, given, context, deadline=self.budget.deadline)

    def _count(self, event: AnyEvent) -> None:
        """A tool may ask the model too; that is paid from the same budget."""
        if isinstance(event, ModelCalled):
            self.budget.used += event.usage

    def _remembered(self, tool: Tool, given: Any, result: ToolResult) -> tuple[str, str | None]:
        output = self.observation = clean(neutral(result.text, most=tool.max_output)) or "(no output)"
        hint = self.repetition.remember(tool.name, given, output, error=result.error)
        return f"{output} {hint}".strip(), result.error

    def _not_run(self, tool: Tool, given: Any, verdict: str) -> str:
        if verdict == "refuse":
            return REFUSAL
        return f"{self.repetition.result_of(tool.name, given)}\n{HINT}"

    def _append(self, said: str, observed: str) -> None:
        self.messages += [Message("assistant", said or "(empty)"), Message("user", f"{LABEL}{observed}")]

    # --- a reply that can't be used

    def _correct(self, result: Retry | UnknownTool, text: str) -> Iterator[AnyEvent]:
        if not self.corrections.gives_up(result):
            yield from self.timeline.close(result.thought)
            yield Notice("format_correction", "Asked the model to fix its format.")
            self._append(text.strip()[:FAULTY_TEXT], correction(result, list(self.kinds)))
        elif is_prose(result):
            self.answer = result.thought
            self.flags.add("plain_text")
            yield from self.timeline.close("")
            yield from self.timeline.whole("answer", result.thought)
        else:
            raise LimitReached("format_errors")

    # --- a limit

    async def _end_early(self, reason: StopReason) -> AsyncGenerator[AnyEvent]:
        """One more call, outside of the budget, for what can be said by now.

        An answer that was just being written is taken back: the last call's stands in its place, or, when that brings
        nothing, what had been written.
        """
        begun = self.timeline.shown if self.timeline.kind == "answer" else ""
        for closing in self.timeline.close("" if self.timeline.kind == "answer" else None):
            yield closing
        yield Notice(reason, notice_of(reason, self.limits))
        request = last_request(request_for(self.llm, self.prompt, self.messages), self.messages)
        call = ModelCall(self.llm, request, deadline=now() + last_call_s(self.limits))
        self.timeline.asked()
        yield call.announced(self.timeline.next)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for _ in chunks:
                    pass
        except (ModelError, LimitReached):
            # What came until then may be an answer; without it a fixed sentence is.
            pass
        self.answer = usable(call.text) or begun.strip() or fixed_answer(reason, self.limits, self.observation)
        for event in self.timeline.whole("answer", self.answer):
            yield event
        yield self._recorded(call)
