"""A reply as it grows out of the chunks of a stream, or arrives whole."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents.runtime.llm import CallChunk, Price, Reply, Request, TextChunk
from agents.runtime.providers.choices import ChoiceAssembly
from agents.runtime.providers.failures import failure, in_band
from agents.runtime.providers.usage import of_all, usage_of
from agents.runtime.tokens import estimated_usage

CUT_OFF = "truncated"


class Assembly:
    """Takes chunks, gives what there is to show, and in the end the whole reply."""

    def __init__(self, request: Request, model: str) -> None:
        self.request = request
        self.model = model
        self.started = time.monotonic()
        self.first_token_s: float | None = None
        self._last_usage: Mapping[str, Any] = {}
        self._usages: list[Mapping[str, Any]] = []  # that came in chunks of their own
        self.done = False
        self._first = ChoiceAssembly(0)
        self._choices = {0: self._first}

    @property
    def shown(self) -> bool:
        return self.first_token_s is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all came that belongs to a reply."""
        return not self.shown and all(choice.finish_reason is None for choice in self._choices.values())

    @property
    def is_whole(self) -> bool:
        """Whether the server said of all that was asked for why it ended: nothing that matters is missing."""
        return self._finished == self.request.n

    @property
    def _finished(self) -> int:
        return sum(choice.finish_reason is not None for choice in self._choices.values())

    @property
    def used(self) -> Mapping[str, Any]:
        """What the server says was used: once for all replies, or by llama.cpp's server for each as it ends."""
        each = 1 < len(self._usages) == self._finished
        return of_all(self._usages) if each else self._last_usage

    def take(self, chunk: Any) -> Sequence[TextChunk | CallChunk]:
        """One chunk of a stream, or a whole reply of a server that doesn't stream."""
        if not isinstance(chunk, dict):
            raise failure("protocol")
        if chunk.get("error"):
            raise in_band(chunk["error"])
        if isinstance(usage := chunk.get("usage"), dict) and usage:
            self._last_usage = usage
            self._usages += [] if chunk.get("choices") else [usage]
        choices = chunk.get("choices")
        shown: list[TextChunk | CallChunk] = []
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and (assembly := self._choice_of(choice.get("index"))):
                assembly.take(choice, shown)
                if self.request.n > 1 and choice.get("finish_reason"):
                    shown.append(TextChunk("", choice=assembly.index, finish_reason=assembly.finish_reason or ""))
        if self.first_token_s is None and any(isinstance(chunk, CallChunk) or chunk.text for chunk in shown):
            self.first_token_s = time.monotonic() - self.started
        return shown

    def _choice_of(self, index: Any) -> ChoiceAssembly | None:
        """Choices that nobody asked for are left aside."""
        if index is None or index == 0:
            return self._first
        if not isinstance(index, int) or not 0 < index < self.request.n:
            return None
        return self._choices.setdefault(index, ChoiceAssembly(index))

    def reply(self, *, retries: int = 0, left_out: tuple[str, ...] = (), price: Price | None = None) -> Reply:
        """The whole of it. A stream that ended without saying why was cut off."""
        if self.is_empty:
            raise failure("protocol")
        choices = [choice.finished(cut_off="stop" if self.done else CUT_OFF) for choice in self._in_order()]
        first = choices[0]
        several = self.request.n > 1 or first.logprob is not None
        return Reply(
            text=first.text,
            finish_reason=first.finish_reason,
            usage=usage_of(
                self.used, lambda: estimated_usage(self.request, "".join(choice.written for choice in choices))
            ),
            model=self.model,
            reasoning=first.reasoning,
            first_token_s=self.first_token_s,
            duration_s=time.monotonic() - self.started,
            retries=retries,
            left_out=left_out,
            calls=first.calls,
            refused=first.refused,
            choices=tuple(choices) if several else (),
            price=price,
        )

    def _in_order(self) -> list[ChoiceAssembly]:
        return [self._choices[index] for index in sorted(self._choices)]
