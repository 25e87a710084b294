"""The timeline of a run while it grows: steps open when there is something to show and close with their last word."""

import time
from collections.abc import Iterator

from agents.runtime.events import Event, StepFinished, StepKind, StepStarted, TextDelta


class OpenStep:
    """A step that is open beside others: parallel samples, parallel calls of tools."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.shown = ""
        self._began = time.monotonic()

    def write(self, text: str) -> Iterator[Event]:
        if text:
            self.shown += text
            yield TextDelta(self.number, text)

    def close(self, text: str | None = None) -> Iterator[Event]:
        differs = text is not None and text != self.shown
        yield StepFinished(self.number, round((time.monotonic() - self._began) * 1000), text if differs else None)


class Timeline:
    """Numbers the steps. One is open at a time (`number`, with `shown` as its text), beside those of `beside`."""

    def __init__(self) -> None:
        self.last = 0
        self.number = 0
        self.kind: StepKind | None = None
        self.shown = ""
        self._began = 0.0
        self._asked_at: float | None = None

    def asked(self) -> None:
        """A model call begins: the time until its first word belongs to the step that it opens."""
        self._asked_at = time.monotonic()

    def open(self, kind: StepKind, parent: int | None = None) -> Iterator[Event]:
        yield from self.close()
        self.last += 1
        self.number = self.last
        self.kind, self.shown = kind, ""
        self._began, self._asked_at = self._asked_at or time.monotonic(), None
        yield StepStarted(self.last, kind, parent)

    def beside(self, kind: StepKind, parent: int | None = None) -> tuple[OpenStep, StepStarted]:
        """A step that stays open while others come and go; whoever asked for it closes it."""
        self.last += 1
        return OpenStep(self.last), StepStarted(self.last, kind, parent)

    def write(self, text: str) -> Iterator[Event]:
        if text:
            self.shown += text
            yield TextDelta(self.number, text)

    def close(self, text: str | None = None) -> Iterator[Event]:
        """End the open step; `text` is its authoritative text where that is known."""
        if self.kind is None:
            return
        differs = text is not None and text != self.shown
        self.kind = None
        yield StepFinished(self.number, self._ms(), text if differs else None)

    def whole(self, kind: StepKind, text: str, parent: int | None = None) -> Iterator[Event]:
        """A step that is there all at once."""
        yield from self.open(kind, parent)
        yield from self.write(text)
        yield from self.close()

    def _ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)
