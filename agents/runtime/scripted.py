"""A model that plays back what it was given: for tests, and for everything that must not depend on a real one."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from agents.runtime.errors import ModelError
from agents.runtime.llm import Price, Reply, Request, Retrying, TextChunk, Usage
from agents.runtime.tokens import estimated_usage

CHUNK = 4


class ScriptedLLM:
    """Replies in turn; the last one repeats. `requests` remembers what it was asked."""

    def __init__(
        self,
        *replies: str | ModelError | Reply,
        delay_s: float = 0,
        name: str = "scripted",
        context_window: int | None = None,
        price: Price | None = None,
    ) -> None:
        self.replies = replies
        self.delay_s = delay_s
        self.name = name
        self.context_window = context_window
        self.price = price
        self.requests: list[Request] = []
        self.closed_early = 0

    async def stream(self, request: Request) -> AsyncIterator[TextChunk | Retrying | Reply]:
        reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
        self.requests.append(request)
        if isinstance(reply, ModelError):
            raise reply
        if isinstance(reply, str):
            reply = Reply(reply, "stop", estimated_usage(request, reply), self.name, first_token_s=0.0)
        played = False
        try:
            async for chunk in self._play(reply):
                yield chunk
            played = True
            yield reply
        finally:
            self.closed_early += not played

    async def _play(self, reply: Reply) -> AsyncIterator[TextChunk]:
        for piece in pieces(reply.reasoning):
            await asyncio.sleep(self.delay_s)
            yield TextChunk(piece, reasoning=True)
        for piece in pieces(reply.text):
            await asyncio.sleep(self.delay_s)
            yield TextChunk(piece)


def pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHUNK):
        yield text[start : start + CHUNK]


def reply(text: str, *, finish_reason: str = "stop", reasoning: str = "", usage: Usage | None = None) -> Reply:
    """A whole reply for a script, where more than its text matters."""
    return Reply(text, finish_reason, usage or Usage(10, 5), "scripted", reasoning, first_token_s=0.0)
