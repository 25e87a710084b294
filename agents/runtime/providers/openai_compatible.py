"""A model at any server that speaks OpenAI's chat completions: OpenAI itself, llama.cpp, vLLM, Ollama and others."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from openai import APIStatusError, AsyncOpenAI

from agents.runtime.errors import ModelError
from agents.runtime.llm import AnyChunk, CallChunk, Capabilities, Price, Reply, Request, Retrying, TextChunk
from agents.runtime.providers.assembly import Assembly
from agents.runtime.providers.breaker import Passage
from agents.runtime.providers.connection import connect
from agents.runtime.providers.deadlines import Deadline
from agents.runtime.providers.dialect import Dialect
from agents.runtime.providers.failures import FAILURES, classify, failure
from agents.runtime.providers.lessons import Lessons
from agents.runtime.providers.reading import read
from agents.runtime.providers.retries import Attempts
from agents.runtime.providers.servers import Server

# One empty stream may be an accident; after this many the server is asked for whole replies.
EMPTY_STREAMS = 2
SMALLEST_WINDOW = 256  # a smaller one is a number that was misread


class OpenAICompatible:
    """One model of one server. Several models share a connection by passing the `client` of another.

    `capabilities` are what is assumed at first; `server` is what is known of the address, to be shared by all clients
    of it. `total_s` bounds a call with its retries. `unreachable` is what people are told when nobody answers there.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        context_window: int | None = None,
        price: Price | None = None,
        capabilities: Capabilities | None = None,
        server: Server | None = None,
        first_token_s: float = 60,
        between_tokens_s: float = 60,
        total_s: float = 900,
        max_retries: int = 3,
        unreachable: str = "",
        client: AsyncOpenAI | None = None,
    ) -> None:
        self.name = model
        self.price = price
        self.server = server or Server()
        self.first_token_s = first_token_s
        self.between_tokens_s = between_tokens_s
        self.total_s = total_s
        self.max_retries = max_retries
        self.unreachable = unreachable
        self.client = client or connect(base_url=base_url, api_key=api_key)
        self.key = f"{base_url.rstrip('/')} {model}"
        self._context_window = context_window
        self._dialect = Dialect(capabilities, self.server.lessons_of(model))
        self._empty_streams = 0

    @property
    def capabilities(self) -> Capabilities:
        return self._dialect.capabilities

    @property
    def lessons(self) -> Lessons:
        """What the server taught about this model so far."""
        return self._dialect.lessons

    @property
    def context_window(self) -> int | None:
        """In tokens: what was said, or what the server itself named when a request was too long."""
        known = (self._context_window, self.lessons.get("context_window"))
        return min((window for window in known if window is not None), default=None)

    async def aclose(self) -> None:
        await self.client.close()

    async def stream(self, request: Request) -> AsyncGenerator[AnyChunk]:
        """Tries again, with a word about it, as long as nothing was shown.

        Raises ModelError; of code `unsupported` where functions are asked for and the server knows none, or a format
        without a fallback, and without a call while the server's circuit breaker is open.
        """
        self._check(request)
        attempts = Attempts(self.max_retries, _now() + self.total_s, self._dialect.streams)
        while True:
            if pause_s := self.server.pace.take():
                yield Retrying("rate_limited", pause_s, again=False)
                await asyncio.sleep(pause_s)
            with Passage(self.server.breaker) as passage:
                assembly = Assembly(request, self.name)
                try:
                    async with aclosing(self._attempt(assembly, attempts)) as chunks:
                        async for chunk in chunks:
                            if not passage.is_known:
                                passage.answered()
                            yield chunk
                    reply = self._reply(assembly, attempts)
                    passage.answered()
                    yield reply
                    return
                except FAILURES as error:
                    failed = self._in_words(classify(error))
                    self._note_window(failed.limit)
                    wait_s = attempts.after(failed, assembly, _now())
                    if wait_s != 0:
                        passage.failed(failed.code)
                    if wait_s is None:
                        raise failed from error
            yield Retrying(failed.code, wait_s)
            await asyncio.sleep(wait_s)

    def _reply(self, assembly: Assembly, attempts: Attempts) -> Reply:
        request = assembly.request
        left_out = self._dialect.missing_from(request)
        reply = assembly.reply(retries=attempts.retries, left_out=left_out, price=self.price)
        if 0 < len(reply.choices) < request.n and "n" not in left_out:
            self.lessons.learn("n", False)
        self._note_streaming(attempts.streaming)
        return reply

    def _note_streaming(self, streaming: bool) -> None:
        """A reply came: as a stream, or whole after an empty stream."""
        self._empty_streams = 0 if streaming else self._empty_streams + 1
        if self._empty_streams == EMPTY_STREAMS and self._dialect.streams:
            self.lessons.learn("stream", False)

    def _in_words(self, failed: ModelError) -> ModelError:
        """With the sentence for this server, where whoever made the client knows a better one."""
        if failed.code == "unreachable" and self.unreachable:
            return ModelError(failed.code, self.unreachable, retryable=failed.retryable, reason=failed.reason)
        return failed

    def _note_window(self, limit: int | None) -> None:
        """A request was too long, and the server says what fits."""
        if limit is not None and limit >= SMALLEST_WINDOW and limit != self.lessons.get("context_window"):
            self.lessons.learn("context_window", limit)

    async def _attempt(self, assembly: Assembly, attempts: Attempts) -> AsyncGenerator[TextChunk | CallChunk]:
        deadline = Deadline(self.first_token_s, ends_at=attempts.ends_at)
        response = await self._opened(assembly.request, deadline, attempts)
        self.server.pace.note(response.headers)
        try:
            async for chunk in read(response, assembly, deadline, between_tokens_s=self.between_tokens_s):
                yield chunk
        except FAILURES:
            if not assembly.is_whole:
                raise
        finally:
            await response.close()

    async def _opened(self, request: Request, deadline: Deadline, attempts: Attempts) -> Any:
        """The response to one call, made again at once where the server only disliked how it was put."""
        while True:
            streaming = attempts.streaming and self._dialect.streams
            deadline.extend(self.first_token_s if streaming else self.total_s)
            messages: Any = self._dialect.messages(request)
            body = self._dialect.body(request, streaming=streaming)
            call = self.client.chat.completions.with_streaming_response.create(
                model=self.name, messages=messages, stream=streaming, extra_body=body
            )
            try:
                async with deadline.waiting():
                    return await call.__aenter__()
            except APIStatusError as error:
                if not self._dialect.learn(error, body, request):
                    raise
                self._check(request)

    def _check(self, request: Request) -> None:
        if request.functions and not self.capabilities.tools:
            raise failure("unsupported")
        if request.format_fallback == "error" and not self._dialect.takes_format(request):
            raise ModelError("unsupported", "This model can't be held to a JSON Schema.")


def _now() -> float:
    return asyncio.get_running_loop().time()
