"""The chunks of one response, in time: of an event stream, or of a reply that came whole."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from agents.runtime.llm import CallChunk, TextChunk
from agents.runtime.providers.assembly import Assembly
from agents.runtime.providers.deadlines import Deadline
from agents.runtime.providers.sse import DONE, EventReader, whole

EVENT_STREAM = "text/event-stream"
# After the last event the rest of the body is read, so that the connection can be used again.
DRAIN_S = 0.2
# A whole reply waits this long for what it used and for the end of its stream.
LAST_WORDS_S = 3.0


async def read(
    response: Any, assembly: Assembly, deadline: Deadline, *, between_tokens_s: float
) -> AsyncGenerator[TextChunk | CallChunk]:
    """What there is to show; the assembly has the rest. A server that doesn't stream is understood all the same."""
    body = response.iter_bytes()
    if EVENT_STREAM not in response.headers.get("content-type", EVENT_STREAM):
        async with deadline.waiting():
            reply = await whole(body)
        for chunk in assembly.take(reply):
            yield chunk
        return
    reader = EventReader()
    while not assembly.done and (data := await _next(body, deadline)) is not None:
        for event in reader.feed(data):
            for chunk in _taken(event, assembly):
                yield chunk
                deadline.extend(between_tokens_s)
        if assembly.is_whole:
            deadline.shorten(LAST_WORDS_S)
    for event in () if assembly.done else reader.end():
        for chunk in _taken(event, assembly):
            yield chunk
    if assembly.done:
        await _drain(body)


def _taken(event: Any, assembly: Assembly) -> Sequence[TextChunk | CallChunk]:
    if event is DONE:
        assembly.done = True
        return ()
    return assembly.take(event)


async def _next(body: AsyncIterator[bytes], deadline: Deadline) -> bytes | None:
    async with deadline.waiting():
        return await anext(body, None)


async def _drain(body: AsyncIterator[bytes]) -> None:
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in body:
                pass
    except TimeoutError:
        pass
