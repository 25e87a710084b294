"""A model at any server that speaks OpenAI's chat completions: OpenAI itself, llama.cpp, vLLM, Ollama and others."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from openai import APIStatusError, AsyncOpenAI

from agents.runtime.errors import ModelError
from agents.runtime.llm import AnyChunk, Capabilities, Price, Request, Retrying, TextChunk
from agents.runtime.providers.assembly import Assembly
from agents.runtime.providers.connection import connect
from agents.runtime.providers.dialect import Dialect
from agents.runtime.providers.failures import FAILURES, classify
from agents.runtime.providers.sse import DONE, EventReader, whole

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
LONGEST_RETRY_AFTER_S = 60.0
# After the last event the rest of the body is read, so that the connection can be used again.
DRAIN_S = 0.2
ONCE = frozenset({"timeout", "protocol"})


class OpenAICompatible:
    """One model of one server. Several models share a connection by passing the `client` of another.

    `unreachable` is what people are told when nobody answers there.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        context_window: int | None = None,
        price: Price | None = None,
        first_token_s: float = 60,
        between_tokens_s: float = 60,
        max_retries: int = 3,
        unreachable: str = "",
        client: AsyncOpenAI | None = None,
    ) -> None:
        self.name = model
        self.context_window = context_window
        self.price = price
        self.capabilities = Capabilities()
        self.first_token_s = first_token_s
        self.between_tokens_s = between_tokens_s
        self.max_retries = max_retries
        self.unreachable = unreachable
        self.client = client or connect(base_url=base_url, api_key=api_key)
        self._dialect = Dialect()

    async def aclose(self) -> None:
        await self.client.close()

    async def stream(self, request: Request) -> AsyncGenerator[AnyChunk]:
        """Tries again, with a word about it, as long as nothing was shown."""
        retries = 0
        while True:
            assembly = Assembly(request, self.name)
            try:
                async with aclosing(self._attempt(request, assembly)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                yield replace(assembly.reply(retries), left_out=self._dialect.missing_from(request))
                return
            except FAILURES as error:
                failed = self._in_words(classify(error))
                if assembly.shown or not self._may_retry(failed, retries):
                    raise failed from error
            retries += 1
            # A kept connection that the server has just closed fails like this; a fresh one needs no wait and no word.
            if failed.code == "unreachable" and retries == 1:
                continue
            wait_s = _wait(failed, retries)
            yield Retrying(failed.code, wait_s)
            await asyncio.sleep(wait_s)

    def _in_words(self, failed: ModelError) -> ModelError:
        """With the sentence for this server, where whoever made the client knows a better one."""
        if failed.code == "unreachable" and self.unreachable:
            return ModelError(failed.code, self.unreachable, retryable=failed.retryable, reason=failed.reason)
        return failed

    def _may_retry(self, failed: ModelError, retries: int) -> bool:
        allowed = min(1, self.max_retries) if failed.code in ONCE else self.max_retries
        patient = (failed.retry_after_s or 0) <= LONGEST_RETRY_AFTER_S
        return failed.retryable and patient and retries < allowed

    async def _attempt(self, request: Request, assembly: Assembly) -> AsyncGenerator[TextChunk]:
        """One call, again at once where the server only disliked a parameter."""
        messages: Any = [message.to_json() for message in request.messages]
        while True:
            body = self._dialect.body(request)
            call = self.client.chat.completions.with_streaming_response.create(
                model=self.name, messages=messages, stream=True, extra_body=body
            )
            deadline = _Deadline(self.first_token_s)
            try:
                async with deadline.waiting():
                    response = await call.__aenter__()
            except APIStatusError as error:
                if self._dialect.learn(error, body):
                    continue
                raise
            break
        try:
            async for chunk in self._read(response, assembly, deadline):
                yield chunk
        finally:
            await response.close()

    async def _read(self, response: Any, assembly: Assembly, deadline: "_Deadline") -> AsyncGenerator[TextChunk]:
        if "text/event-stream" not in response.headers.get("content-type", "text/event-stream"):
            async with deadline.waiting():
                reply = await whole(response.iter_bytes())
            for chunk in assembly.take(reply):
                yield chunk
            return
        reader = EventReader()
        body = response.iter_bytes()
        while not assembly.done and (data := await _next(body, deadline)) is not None:
            for event in reader.feed(data):
                for chunk in _taken(event, assembly):
                    yield chunk
                    deadline.extend(self.between_tokens_s)
        for event in () if assembly.done else reader.end():
            for chunk in _taken(event, assembly):
                yield chunk
        if assembly.done:
            await _drain(body)


class _Deadline:
    """Silence is measured from the last sign of life, and only while we wait for the server."""

    def __init__(self, patience_s: float) -> None:
        self.extend(patience_s)

    def extend(self, patience_s: float) -> None:
        self._at = asyncio.get_running_loop().time() + patience_s

    def waiting(self) -> asyncio.Timeout:
        return asyncio.timeout_at(self._at)


def _taken(event: Any, assembly: Assembly) -> Any:
    if event is DONE:
        assembly.done = True
        return ()
    return assembly.take(event)


async def _next(body: AsyncIterator[bytes], deadline: _Deadline) -> bytes | None:
    async with deadline.waiting():
        return await anext(body, None)


async def _drain(body: AsyncIterator[bytes]) -> None:
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in body:
                pass
    except TimeoutError:
        pass


def _wait(failed: ModelError, retries: int) -> float:
    """What the server asked for, else full jitter: callers that failed together must not come back together."""
    if failed.retry_after_s is not None:
        return failed.retry_after_s
    return random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (retries - 1)))  # noqa: S311
