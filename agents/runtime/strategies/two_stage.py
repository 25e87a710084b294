"""Zero-shot chain of thought in two calls: reasoning, then the answer (Kojima et al. 2022, arXiv 2205.11916 §3)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.answers import NO_ANSWER, Reading, read_reply
from agents.runtime.answers.instruction import form_of
from agents.runtime.events import AnyEvent
from agents.runtime.llm import Message
from agents.runtime.prompts import PromptSpec
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.direct import settled
from agents.runtime.strategies.views import AnswerView, ThoughtView
from agents.runtime.strategies.work import Work

# The paper gives the second call 32 tokens; an answer in words may take more.
ANSWER_TOKENS = {"text": 256, "json": 1024}
SHORT_ANSWER_TOKENS = 32


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """The reasoning must be whole: cut off by its length it is no ground for an answer."""
    messages = work.messages(without_answer_line(work.spec))
    thoughts = ThoughtView(work.timeline)
    reasoning = Asking(work, messages, thoughts)
    async with aclosing(reasoning.events()) as events:
        async for event in events:
            yield event
    yield reasoning.recorded("truncated" if reasoning.cut_off else "parsed")
    if reasoning.cut_off:
        for shown in settled(work, thoughts, Reading("truncated", NO_ANSWER, reasoning.text, (), "")):
            yield shown
        return
    for shown in work.timeline.close():
        yield shown
    ask = f"Give only the final answer, as {form_of(work.spec.output)}."
    asked = [*messages, Message("assistant", reasoning.text or "(empty)"), Message("user", ask)]
    view = AnswerView(work.timeline)
    answering = Asking(work, asked, view, most=ANSWER_TOKENS.get(work.spec.output.kind, SHORT_ANSWER_TOKENS))
    async with aclosing(answering.events()) as events:
        async for event in events:
            yield event
    reading = read_reply(answering.text, work.spec.output, finish_reason=answering.finish_reason)
    yield answering.recorded(reading.outcome, reading.flags)
    for shown in settled(work, view, reading):
        yield shown


def without_answer_line(spec: PromptSpec) -> PromptSpec:
    """The first call asks for the reasoning alone."""
    return replace(spec, output=replace(spec.output, instruction="none"))
