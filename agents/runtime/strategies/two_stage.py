"""Zero-shot chain of thought in two calls: reasoning, then the answer (Kojima et al. 2022, arXiv 2205.11916 §3)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.answers import NO_ANSWER, Reading
from agents.runtime.answers.instruction import answer_only, form_of
from agents.runtime.events import AnyEvent
from agents.runtime.llm import Message
from agents.runtime.prompts import PromptSpec
from agents.runtime.strategies.answer_views import AnswerView, ThoughtView
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.direct import concluded, settled
from agents.runtime.strategies.work import Work

# The paper gives the second call 32 tokens; an answer in words may take more.
ANSWER_TOKENS = {"text": 256, "json": 1024}
SHORT_ANSWER_TOKENS = 32


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """The reasoning must be whole: refused, or cut off by its length, it is no ground for an answer.

    Raises ModelError, or LimitReached when a bound of the run is met.
    """
    messages = work.messages(without_answer_line(work.spec))
    thoughts = ThoughtView(work.timeline)
    reasoning = Asking(work, messages, thoughts)
    async with aclosing(reasoning.events()) as events:
        async for event in events:
            yield event
    if unusable := reasoning.unusable:
        yield reasoning.recorded(unusable)
        ended = Reading(unusable, NO_ANSWER, reasoning.text)
        for shown in settled(work, thoughts, ended, reasoning.finish_reason):
            yield shown
        return
    yield reasoning.recorded("parsed")
    for shown in work.timeline.close():
        yield shown
    asked = [*messages, Message("assistant", reasoning.text or "(empty)"), Message("user", _ask(work))]
    view = AnswerView(work.timeline)
    work.outline.partial = lambda: view.answer
    most = ANSWER_TOKENS.get(work.spec.output.kind, SHORT_ANSWER_TOKENS)
    answering = Asking(work, asked, view, most=most)
    async with aclosing(answering.events()) as events:
        async for event in events:
            yield event
    async with aclosing(concluded(work, asked, answering, view)) as events:
        async for event in events:
            yield event


def _ask(work: Work) -> str:
    """The paper's answer trigger; a form that is more than a value is asked for in full."""
    output = work.spec.output
    if output.kind in ("text", "json") or output.extract.mode != "auto":
        return answer_only(output)
    return f"Give only the final answer, as {form_of(output)}."


def without_answer_line(spec: PromptSpec) -> PromptSpec:
    """The first call asks for the reasoning alone."""
    return replace(spec, output=replace(spec.output, instruction="none"))
