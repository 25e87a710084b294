"""A chat or a prompt alone: its strategy answers, without tools. Chat, API, playground and evaluations all run this."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from agents.runtime.budget import Budget, LimitReached
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.programs import Interpreter
from agents.runtime.prompts import PromptSpec
from agents.runtime.providers.failures import SENTENCES
from agents.runtime.steps import Timeline
from agents.runtime.strategies import Work, strategy_for

SPENT = {
    "token_budget": "The tokens that one answer may use were spent before there was an answer. Ask something shorter, "
    "or ask staff to raise the agent's limit.",
    "cost_budget": "The money that one answer may cost was spent before there was an answer. Ask something shorter, "
    "or ask staff to raise the agent's limit.",
}


class Conversation:
    """The answer is a step `answer`; what leads to it (thoughts, samples, sub-questions, programs) stands before it."""

    def __init__(
        self, llm: LLM, prompt: PromptSpec, limits: Limits | None = None, interpreter: Interpreter | None = None
    ) -> None:
        self.llm = llm
        self.prompt = prompt
        self.limits = limits or Limits()
        self.interpreter = interpreter

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        budget, timeline = Budget(self.limits), Timeline()
        work = Work(self.llm, self.prompt, budget, timeline, inputs, history, self.interpreter)
        stopped: StopReason = "finished"
        asked = False
        try:
            async with aclosing(strategy_for(self.prompt)(work)) as events:
                async for event in events:
                    asked = asked or isinstance(event, ModelCalled)
                    yield event
        except LimitReached as limit:
            stopped = limit.reason
        if stopped == "token_budget" and not asked:
            raise _no_room(self.limits.max_total_tokens or 0)
        for event in self._ended(work, stopped):
            yield event

    def _ended(self, work: Work, stopped: StopReason) -> Iterator[AnyEvent]:
        outline, finish_reason = work.outline, work.outline.finish_reason
        answer = outline.answer or outline.partial()
        yield from work.timeline.close_all()
        if answer and not outline.answer and not outline.is_shown:
            yield from work.timeline.whole("answer", answer)
        _check(answer, finish_reason, stopped)
        yield from _notices(finish_reason, stopped, self.limits)
        flags = {*outline.flags, *(["truncated"] if finish_reason in CUT_OFF else [])}
        # A reply that broke off has no value to be judged by.
        extraction = outline.extraction if stopped == "finished" else None
        yield Finished(
            answer, stopped, work.budget.used, tuple(sorted(flags)), extraction, outline.outcome, outline.samples
        )


def _no_room(most: int) -> RunError:
    return RunError(
        "token_budget",
        f"This conversation has grown past the {most:,} tokens that this agent may use for an answer. "
        "Start a new chat, or ask staff to raise the agent's limit.",
    )


def _check(answer: str, finish_reason: str, stopped: StopReason) -> None:
    """An answer that isn't one is a failure that the person is told about."""
    if finish_reason == "content_filter":
        raise RunError("content_filter", SENTENCES["content_filter"])
    if not answer.strip() and stopped == "timeout":
        raise RunError("timeout", SENTENCES["timeout"], retryable=True)
    if not answer.strip() and stopped in ("token_budget", "cost_budget"):
        raise RunError(stopped, SPENT[stopped])
    if not answer.strip():
        raise ModelError("protocol", "The model gave an empty answer. Try again.", retryable=True)


def _notices(finish_reason: str, stopped: StopReason, limits: Limits) -> Iterator[Notice]:
    if stopped == "timeout":
        yield Notice("timeout", f"Stopped: time limit ({limits.timeout_s:g} s).")
    elif stopped in ("token_budget", "cost_budget"):
        yield Notice(stopped, "Stopped: the limit of one answer is used up.")
    elif finish_reason in CUT_OFF:
        yield Notice("truncated", "The answer was cut off by the length limit.")
