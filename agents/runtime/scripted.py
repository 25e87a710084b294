"""A model that plays back what it was given: for tests, and for everything that must not depend on a real one."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from agents.runtime.errors import ModelError
from agents.runtime.llm import AnyChunk, CallChunk, Capabilities, FunctionCall, Price, Reply, Request, TextChunk, Usage
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
        capabilities: Capabilities | None = None,
    ) -> None:
        self.replies = replies
        self.delay_s = delay_s
        self.name = name
        self.context_window = context_window
        self.price = price
        self.capabilities = capabilities or Capabilities()
        self.requests: list[Request] = []
        self.closed_early = 0

    async def stream(self, request: Request) -> AsyncIterator[AnyChunk]:
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

    async def _play(self, reply: Reply) -> AsyncIterator[TextChunk | CallChunk]:
        for number, choice in enumerate(reply.choices):
            for piece in pieces(choice.text):
                await asyncio.sleep(self.delay_s)
                yield TextChunk(piece, choice=number)
            yield TextChunk("", choice=number, finish_reason=choice.finish_reason)
        if reply.choices:
            return
        for piece in pieces(reply.reasoning):
            await asyncio.sleep(self.delay_s)
            yield TextChunk(piece, reasoning=True)
        for piece in pieces(reply.text):
            await asyncio.sleep(self.delay_s)
            yield TextChunk(piece)
        for place, call in enumerate(reply.calls):
            for number, piece in enumerate(pieces(call.arguments) if call.arguments else [""]):
                await asyncio.sleep(self.delay_s)
                yield CallChunk(place, "" if number else call.name, piece)


def pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHUNK):
        yield text[start : start + CHUNK]


def reply(
    text: str,
    *,
    finish_reason: str = "stop",
    reasoning: str = "",
    usage: Usage | None = None,
    calls: tuple[FunctionCall, ...] = (),
    refused: bool = False,
) -> Reply:
    """A whole reply for a script, where more than its text matters."""
    usage = usage or Usage(10, 5)
    return Reply(text, finish_reason, usage, "scripted", reasoning, first_token_s=0.0, calls=calls, refused=refused)
