"""One more call where the first reply hasn't the form that the prompt declares; its outcome is said, never hidden."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing

from agents.runtime.answers import Reading, correction, read_again, response_format_of
from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent
from agents.runtime.llm import Message
from agents.runtime.strategies.answer_text import answer_text
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.step_views import Unseen
from agents.runtime.strategies.work import Work, correcting

MOST_TOKENS = 1024


async def ask_again(
    work: Work, messages: Sequence[Message], reading: Reading, *, otherwise: Callable[[], Iterable[AnyEvent]]
) -> AsyncGenerator[AnyEvent]:
    """Where that brings no answer either, or fails, `otherwise` shows the first reply.

    Raises LimitReached after that.
    """
    limit: LimitReached | None = None
    try:
        async with aclosing(_once_more(work, messages, reading)) as events:
            async for event in events:
                yield event
    except ModelError:
        pass  # it is in the trace; the first reply is there
    except LimitReached as reached:
        limit = reached
    if not work.outline.answer:
        for shown in otherwise():
            yield shown
    if limit is not None:
        raise limit


async def _once_more(work: Work, messages: Sequence[Message], reading: Reading) -> AsyncGenerator[AnyEvent]:
    """Constrained by the API's own means where the server has them, so that the reply must have the form."""
    spec = work.spec.output
    form = response_format_of(spec) if work.llm.capabilities.json_schema else None
    told = correction(reading, spec, constrained=form is not None)
    asked = [*messages, Message("assistant", reading.text or "(empty)"), Message("user", told)]
    yield correcting()
    asking = Asking(
        work, asked, Unseen(work.timeline), most=MOST_TOKENS, parameters={"temperature": 0}, response_format=form
    )
    async with aclosing(asking.events()) as events:
        async for event in events:
            yield event
    again = read_again(
        asking.text, spec, constrained=form is not None, finish_reason=asking.finish_reason, refused=asking.refused
    )
    yield asking.recorded(again.outcome, again.flags)
    if again.answered:
        whole_json = spec.kind == "json" and spec.extract.mode == "auto"
        text = again.text if whole_json else answer_text(again.text, again.extraction, spec)
        work.answered(text, again, finish_reason=asking.finish_reason)
        for shown in work.timeline.whole("answer", text):
            yield shown
