"""One call whose text is the answer, or reasoning that ends in an answer line: a chain of thought.

Few-shot: Wei et al. 2022, arXiv 2201.11903 §2. Zero-shot: Kojima et al. 2022, arXiv 2205.11916 §3; its second call is
made only where the first gave no answer that can be read (agents.md A.0, rule 7), or where two stages are asked for.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from agents.runtime.answers import NO_ANSWER, Reading, read_reply
from agents.runtime.events import AnyEvent, Event
from agents.runtime.llm import Message
from agents.runtime.strategies.answer_views import AnswerView, ReasonedView
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.asking_again import ask_again
from agents.runtime.strategies.work import Work


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """The call, and one more where its reply hasn't the form that the prompt declares.

    Raises ModelError, or LimitReached when a bound of the run is met.
    """
    messages = work.messages()
    view = _view_of(work)
    work.outline.partial = lambda: view.answer
    asking = Asking(work, messages, view)
    async with aclosing(asking.events()) as events:
        async for event in events:
            yield event
    async with aclosing(concluded(work, messages, asking, view)) as events:
        async for event in events:
            yield event


async def concluded(
    work: Work, messages: Sequence[Message], asking: Asking, view: AnswerView
) -> AsyncGenerator[AnyEvent]:
    """What the reply comes to. One without the declared form is asked for again; if that fails too, it stands."""
    reading = read(work, asking, view)
    yield asking.recorded(reading.outcome, reading.flags)
    if reading.outcome != "failed" or not view.spoken or asking.finish_reason == "content_filter":
        for shown in settled(work, view, reading, asking.finish_reason):
            yield shown
        return
    for shown in view.taken_back():
        yield shown

    def as_it_came() -> Iterator[Event]:
        work.answered(view.spoken, reading, finish_reason=asking.finish_reason)
        return work.timeline.whole("answer", view.spoken)

    async with aclosing(ask_again(work, messages, reading, otherwise=as_it_came)) as events:
        async for event in events:
            yield event


def _view_of(work: Work) -> AnswerView:
    if work.spec.reasons and work.spec.output.kind != "json":
        return ReasonedView(work.timeline, work.spec.output.answer_label)
    return AnswerView(work.timeline)


def read(work: Work, asking: Asking, view: AnswerView) -> Reading:
    """Reasoning that was cut off before its answer line has no answer: its last number would be a confident guess."""
    spec = work.spec.output
    reading = read_reply(asking.text, spec, finish_reason=asking.finish_reason, refused=asking.refused)
    if asking.cut_off and work.spec.reasons and not view.answers:
        return Reading("truncated", NO_ANSWER, reading.text, reading.flags, "")
    return reading


def settled(work: Work, view: AnswerView, reading: Reading, finish_reason: str) -> Iterator[Event]:
    """End what the reply has shown, now that its meaning is known.

    Without an answer line the value that was found is the answer, and the reasoning stays a thought; where the answer
    is free text, all of the reply is.
    """
    if not view.answers and view.spoken:
        found = reading.extraction.shown if work.spec.output.kind != "text" else ""
        yield from work.timeline.close(None if found else "")
        yield from work.timeline.whole("answer", found or view.spoken)
        work.answered(found or view.spoken, reading, finish_reason=finish_reason)
        return
    yield from work.timeline.close()
    work.answered(view.answer, reading, finish_reason=finish_reason)
