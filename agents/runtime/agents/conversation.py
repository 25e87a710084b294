"""A chat: the prompt, the earlier turns and the question make one model call; its text is the answer."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Event, Finished, Notice, StepKind, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, TextChunk
from agents.runtime.loop import Budget, LimitReached, ModelCall, request_for
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.parsing.zero_shot_react import CUT_OFF
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.steps import Timeline


class Conversation:
    """One step `answer`; what the model thinks before it is a step `thought`."""

    def __init__(self, llm: LLM, prompt: PromptSpec, limits: Limits | None = None) -> None:
        self.llm = llm
        self.prompt = prompt
        self.limits = limits or Limits()

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        budget, timeline = Budget(self.limits), Timeline()
        messages = render(self.prompt, inputs, history=history)
        _check_room(budget, messages)
        request = request_for(self.llm, self.prompt, messages)
        call = ModelCall(self.llm, request, deadline=budget.deadline)
        reader = _Reader(timeline)
        stopped: StopReason = "finished"
        timeline.asked()
        yield call.announced(1)
        try:
            async with aclosing(call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
                        continue
                    if isinstance(chunk, TextChunk):
                        for event in reader.read(chunk.text, chunk.reasoning):
                            yield event
        except LimitReached as limit:
            stopped = limit.reason
        except ModelError:
            yield call.record(max(1, timeline.last))
            raise
        for event in reader.end():
            yield event
        yield call.record(max(1, timeline.last))
        _check(reader.answer, call.finish_reason, stopped)
        for notice in _notices(call.finish_reason, stopped, self.limits):
            yield notice
        flags = ("truncated",) if call.finish_reason in CUT_OFF else ()
        yield Finished(reader.answer, stopped, call.record(1).usage, flags)


class _Reader:
    """Sorts the text of a reply into what is thought and what is answered."""

    def __init__(self, timeline: Timeline) -> None:
        self._answers: list[str] = []
        self._timeline = timeline
        self._thinking = ThinkingFilter()

    @property
    def answer(self) -> str:
        """As every fold over the events has it: a blank line between answers that a thought divides."""
        return "\n\n".join(self._answers)

    def read(self, text: str, reasoning: bool) -> Iterator[Event]:
        if reasoning:
            yield from self._write("thought", text)
            return
        for thinking, part in self._thinking.feed(text):
            yield from self._write("thought" if thinking else "answer", part)

    def end(self) -> Iterator[Event]:
        for thinking, part in self._thinking.close():
            yield from self._write("thought" if thinking else "answer", part)
        yield from self._timeline.close()

    def _write(self, kind: StepKind, text: str) -> Iterator[Event]:
        if self._timeline.kind != kind:
            text = text.lstrip()
            if text:
                yield from self._timeline.open(kind)
                self._answers += [""] if kind == "answer" else []
        if text and kind == "answer":
            self._answers[-1] += text
        yield from self._timeline.write(text)


def _check_room(budget: Budget, messages: Sequence[Message]) -> None:
    try:
        budget.check(messages)
    except LimitReached:
        most = budget.limits.max_total_tokens or 0
        raise RunError(
            "token_budget",
            f"This conversation has grown past the {most:,} tokens that this agent may use for an answer. "
            "Start a new chat, or ask staff to raise the agent's limit.",
        ) from None


def _check(answer: str, finish_reason: str, stopped: StopReason) -> None:
    """An answer that isn't one is a failure that the person is told about."""
    if finish_reason == "content_filter":
        raise RunError("content_filter", SENTENCES["content_filter"])
    if not answer.strip() and stopped == "timeout":
        raise RunError("timeout", SENTENCES["timeout"], retryable=True)
    if not answer.strip():
        raise ModelError("protocol", "The model gave an empty answer. Try again.", retryable=True)


def _notices(finish_reason: str, stopped: StopReason, limits: Limits) -> Iterator[Notice]:
    if stopped == "timeout":
        yield Notice("timeout", f"Stopped: time limit ({limits.timeout_s:g} s).")
    elif finish_reason in CUT_OFF:
        yield Notice("truncated", "The answer was cut off by the length limit.")
