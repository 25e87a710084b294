"""A reply as it grows out of the chunks of a stream, or arrives whole."""

import time
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from agents.runtime.llm import Reply, Request, TextChunk, Usage
from agents.runtime.providers.failures import failure, in_band
from agents.runtime.text import clean
from agents.runtime.tokens import estimated_usage

# In this order; some servers send the same text under both names.
REASONING_FIELDS = ("reasoning", "reasoning_content")
CUT_OFF = "truncated"
MOST_TOKENS = 2**31 - 1  # what a column holds; a server that reports more, or less than none, is wrong
LONGEST_FINISH_REASON = 40


class Assembly:
    """Takes chunks, gives what there is to show, and in the end the whole reply."""

    def __init__(self, request: Request, model: str) -> None:
        self.request = request
        self.model = model
        self.started = time.monotonic()
        self.first_token_s: float | None = None
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.done = False

    @property
    def shown(self) -> bool:
        return self.first_token_s is not None

    def take(self, chunk: Any) -> Iterator[TextChunk]:
        """One chunk of a stream, or a whole reply of a server that doesn't stream."""
        if not isinstance(chunk, Mapping):
            raise failure("protocol")
        if chunk.get("error"):
            raise in_band(chunk["error"])
        if isinstance(chunk.get("usage"), Mapping):
            self.usage = _usage(chunk["usage"])
        for choice in chunk.get("choices") or ():
            if isinstance(choice, Mapping) and choice.get("index", 0) in (0, None):
                yield from self._choice(choice)

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[TextChunk]:
        if choice.get("finish_reason"):
            self.finish_reason = clean(str(choice["finish_reason"]))[:LONGEST_FINISH_REASON]
        delta = choice.get("delta") or choice.get("message") or {}
        reasoning = next((delta[name] for name in REASONING_FIELDS if isinstance(delta.get(name), str)), "")
        if reasoning:
            yield self._shown(TextChunk(clean(reasoning), reasoning=True), self.reasoning)
        content = delta.get("content") or delta.get("refusal")
        if isinstance(content, str) and content:
            yield self._shown(TextChunk(clean(content)), self.text)

    def _shown(self, chunk: TextChunk, parts: list[str]) -> TextChunk:
        if self.first_token_s is None:
            self.first_token_s = time.monotonic() - self.started
        parts.append(chunk.text)
        return chunk

    def reply(self, retries: int) -> Reply:
        """The whole of it. A stream that ended without saying why was cut off."""
        if self.finish_reason is None and not self.shown:
            raise failure("protocol")
        text, reasoning = "".join(self.text), "".join(self.reasoning)
        return Reply(
            text=text,
            finish_reason=self.finish_reason or ("stop" if self.done else CUT_OFF),
            usage=self.usage or estimated_usage(self.request, text + reasoning),
            model=self.model,
            reasoning=reasoning,
            first_token_s=self.first_token_s,
            duration_s=time.monotonic() - self.started,
            retries=retries,
        )


def _usage(fields: Mapping[str, Any]) -> Usage:
    return Usage(
        input=_count(fields, "prompt_tokens"),
        output=_count(fields, "completion_tokens"),
        cached=_count(fields.get("prompt_tokens_details"), "cached_tokens"),
        reasoning=_count(fields.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(fields: Any, name: str) -> int:
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return min(max(int(value), 0), MOST_TOKENS) if isinstance(value, int | float) and isfinite(value) else 0
