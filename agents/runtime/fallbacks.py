"""Several models as one: the next is asked when one fails before anything was shown (agents.md F.5)."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from agents.runtime.errors import ModelError
from agents.runtime.llm import LLM, AnyChunk, CallChunk, Capabilities, FellBack, Price, Request, TextChunk
from agents.runtime.tokens.calibration import key_of

# Another model may do better at these; at an overflow, one with a larger window. The rest would fail there too.
REASONS = frozenset({"rate_limited", "quota", "timeout", "overloaded", "unreachable", "auth", "not_found", "protocol"})


class FallbackLLM:
    """The first of `models` that works, in order. One that gave up isn't asked again: make one of these for each run.

    Name, window, price and capabilities are those of the model in use.
    """

    def __init__(self, models: Sequence[LLM]) -> None:
        self._models = tuple(models)
        self._place = 0

    @property
    def in_use(self) -> LLM:
        return self._models[self._place]

    @property
    def name(self) -> str:
        return self.in_use.name

    @property
    def key(self) -> str:
        return key_of(self.in_use)

    @property
    def context_window(self) -> int | None:
        return self.in_use.context_window

    @property
    def price(self) -> Price | None:
        return self.in_use.price

    @property
    def capabilities(self) -> Capabilities:
        return self.in_use.capabilities

    async def stream(self, request: Request) -> AsyncGenerator[AnyChunk]:
        """Raises what the last model that was asked raised."""
        place = self._place
        while True:
            llm, shown = self._models[place], False
            try:
                async with aclosing(
                    cast(AsyncGenerator[Any], llm.stream(_fitted(request, llm) if place else request))
                ) as chunks:
                    async for chunk in chunks:
                        shown = shown or isinstance(chunk, TextChunk | CallChunk)
                        yield chunk
                return
            except ModelError as error:
                following = None if shown else self._after(place, error, request)
                if following is None:
                    raise
                reason = error.code
            yield FellBack(llm.name, self._models[following].name, reason)
            place = following
            self._place = max(self._place, place)  # calls side by side may be ahead

    def _after(self, place: int, error: ModelError, request: Request) -> int | None:
        """The place of the model to ask next: the first that knows what the request asks for, as far as one does."""
        rest: Sequence[int] = range(place + 1, len(self._models))
        able = [p for p in rest if not request.functions or self._models[p].capabilities.tools]
        if error.code == "unsupported" and place:
            return next(iter(able), None)
        rest = able or rest
        if error.code == "context_overflow":
            window = error.limit or self._models[place].context_window
            return next((p for p in rest if window and (self._models[p].context_window or 0) > window), None)
        return next(iter(rest), None) if error.code in REASONS else None


def _fitted(request: Request, llm: LLM) -> Request:
    """The request was made for the window of the first; an answer leaves room for the conversation here too."""
    if request.max_tokens is None or llm.context_window is None or request.max_tokens <= llm.context_window // 4:
        return request
    return replace(request, max_tokens=llm.context_window // 4)
