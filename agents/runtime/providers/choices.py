"""One choice of a reply as it grows: its text, its reasoning, its calls and why it ended."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from agents.runtime.llm import CallChunk, Choice, TextChunk
from agents.runtime.providers.calls import CallAssembly
from agents.runtime.text import clean

# In this order; some servers send the same text under both names.
REASONING_FIELDS = ("reasoning", "reasoning_content")
LONGEST_FINISH_REASON = 40


class ChoiceAssembly:
    """What came of the choice of one index. `take` runs for every token: it makes no object but what is shown."""

    __slots__ = ("_calls", "_logprobs", "_tokens", "finish_reason", "index", "reasoning", "refused", "text")

    def __init__(self, index: int) -> None:
        self.index = index
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.finish_reason: str | None = None
        self.refused = False
        self._calls: CallAssembly | None = None
        self._logprobs = 0.0
        self._tokens = 0

    def take(self, choice: dict[str, Any], shown: list[TextChunk | CallChunk]) -> None:
        """A piece of a stream, or the whole message of a server that doesn't stream; `shown` grows by what it says."""
        if choice.get("finish_reason"):
            self.finish_reason = clean(str(choice["finish_reason"]))[:LONGEST_FINISH_REASON]
        if choice.get("logprobs"):
            self._count_logprobs(choice["logprobs"])
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            return
        for name in REASONING_FIELDS:
            if isinstance(reasoning := delta.get(name), str) and reasoning:
                shown.append(self._said(reasoning, self.reasoning, reasoning=True))
                break
        if isinstance(content := delta.get("content"), str) and content:
            shown.append(self._said(content, self.text))
        if isinstance(refusal := delta.get("refusal"), str) and refusal:
            self.refused = True
            shown.append(self._said(refusal, self.text))
        if delta.get("tool_calls") or delta.get("function_call"):
            self._take_calls(delta, shown, whole="message" in choice)

    def finished(self, *, cut_off: str) -> Choice:
        """The whole of it; `cut_off` is its finish reason where the server gave none."""
        return Choice(
            text="".join(self.text),
            finish_reason=self.finish_reason or cut_off,
            reasoning="".join(self.reasoning),
            calls=self._calls.finished() if self._calls else (),
            refused=self.refused,
            logprob=self._logprobs / self._tokens if self._tokens else None,
        )

    def _said(self, text: str, parts: list[str], *, reasoning: bool = False) -> TextChunk:
        text = clean(text)
        parts.append(text)
        return TextChunk(text, reasoning, self.index)

    def _take_calls(self, delta: dict[str, Any], shown: list[TextChunk | CallChunk], *, whole: bool) -> None:
        self._calls = self._calls or CallAssembly(self.index)
        pieces = delta.get("tool_calls") or [{"index": 0, "function": delta.get("function_call")}]
        if isinstance(pieces, list):
            shown.extend(chunk for piece in pieces if (chunk := self._calls.take(piece, whole=whole)))

    def _count_logprobs(self, logprobs: Any) -> None:
        content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
        for token in content if isinstance(content, list) else ():
            value = token.get("logprob") if isinstance(token, Mapping) else None
            if isinstance(value, int | float) and isfinite(value):
                self._logprobs += value
                self._tokens += 1
