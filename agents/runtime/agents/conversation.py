"""A chat or a prompt alone: its strategy answers, without tools. Chat, API, playground and evaluations all run this."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agents.runtime.agents.early_end import LastCall, cut_off_notice, fixed_answer, last_request, notice_of
from agents.runtime.answers import NO_ANSWER, Reading, read_reply
from agents.runtime.budget import Budget, LimitReached
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import AnyEvent, Finished, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.parsing.thinking import without_thinking
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
        try:
            async with aclosing(strategy_for(self.prompt)(work)) as events:
                async for event in events:
                    yield event
        except LimitReached as limit:
            stopped = limit.reason
        if stopped == "token_budget" and not budget.used.total:
            raise _no_room(self.limits.max_total_tokens or 0)
        for closing in timeline.close_all():
            yield closing
        outline = work.outline
        answer, finish_reason = outline.answer or outline.partial(), outline.finish_reason
        if stopped != "finished":
            yield Notice(stopped, notice_of(stopped, self.limits))
        if not answer.strip() and stopped != "finished" and (said := _said(work)):
            async with aclosing(_LastWord(work, said, stopped).events()) as events:
                async for event in events:
                    yield event
            answer = outline.answer
        _check(answer, finish_reason, stopped)
        if stopped == "finished" and finish_reason in CUT_OFF:
            yield cut_off_notice(finish_reason)
        flags = {*outline.flags, *(["truncated"] if finish_reason in CUT_OFF else [])}
        yield Finished(
            answer, stopped, budget.used, tuple(sorted(flags)), outline.extraction, outline.outcome, outline.samples
        )


def _said(work: Work) -> str:
    """What the model had said last: what there is to answer from at a limit."""
    asking = work.outline.asking
    return "" if asking is None else without_thinking(asking.text).strip()


class _LastWord:
    """The end of a run that has reasoned but not answered: a last call from what was `said`, or a sentence.

    What the model says is read as the prompt declares; in our sentence there is nothing to be found.
    """

    def __init__(self, work: Work, said: str, reason: StopReason) -> None:
        self._work = work
        self._said = said
        self._reason = reason

    async def events(self) -> AsyncGenerator[AnyEvent]:
        work, limits = self._work, self._work.budget.limits
        asking = work.outline.asking
        if limits.on_limit == "generate" and asking is not None:
            request = asking.call.request
            told = replace(request, messages=(*request.messages, Message("assistant", self._said)), n=1)
            last = LastCall(work.llm, last_request(told), limits)
            async with aclosing(last.events(work.timeline)) as events:
                async for event in events:
                    yield event
            reading = read_reply(last.text, work.spec.output, finish_reason=last.finish_reason)
            record = last.record(work.timeline.next, read=reading.outcome)
            work.budget.add(record)
            yield record
            work.answered(without_thinking(last.text).strip(), reading)
        if not work.outline.answer.strip():
            sentence = fixed_answer(self._reason, limits, "")
            work.answered(sentence, Reading("failed", NO_ANSWER, sentence))
        for shown in work.timeline.whole("answer", work.outline.answer):
            yield shown


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
