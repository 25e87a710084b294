"""How a run that calls functions ends at a limit: one last call without them, or else a sentence (agents.md B.7)."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.agents.early_end import ASK, LAST_CALL_S, LAST_CALL_SHARE, LAST_CALL_TOKENS
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent, Notice
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, Request
from agents.runtime.loop import LimitReached, ModelCall, now
from agents.runtime.parsing.cleaning import without_thinking
from agents.runtime.parsing.text_call_stream import may_be_call
from agents.runtime.parsing.text_calls import Known
from agents.runtime.steps import Timeline


class LastWord:
    """One more call with a time limit of its own. The functions stay in the request, which keeps the server's cache."""

    def __init__(self, llm: LLM, request: Request, limits: Limits) -> None:
        asked = replace(
            request,
            messages=tuple(_asked(request.messages)),
            max_tokens=LAST_CALL_TOKENS,
            function_choice="none",
            response_format=None,
        )
        last_call_s = max(LAST_CALL_S, limits.timeout_s * LAST_CALL_SHARE)
        self._call = ModelCall(llm, asked, deadline=now() + last_call_s)

    async def events(self, timeline: Timeline) -> AsyncGenerator[AnyEvent]:
        """Nothing of its text is shown while it comes, as it may yet turn out to be another call."""
        timeline.asked()
        yield self._call.announced(timeline.next)
        try:
            async with aclosing(self._call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
        except (ModelError, LimitReached):
            # What came until then may be an answer; without it another is found.
            pass
        yield self._call.record(timeline.next)

    def answer(self, known: Known) -> str:
        """Its text, unless that is a call written as text."""
        text = without_thinking(self._call.text).strip()
        return "" if may_be_call(text, known) else text


def _asked(messages: Sequence[Message]) -> Sequence[Message]:
    """The transcript and one more sentence; joined to a user's turn, as some models refuse two of them."""
    *earlier, last = messages
    if last.role == "user":
        return [*earlier, replace(last, content=f"{last.content}\n\n{ASK}")]
    return [*messages, Message("user", ASK)]
