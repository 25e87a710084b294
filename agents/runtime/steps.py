"""The timeline of a run while it grows: steps open when there is something to show and close with their last word."""

import time
from collections.abc import Iterator

from agents.runtime.events import Event, StepFinished, StepKind, StepStarted, TextDelta


class Timeline:
    """Numbers the steps, one open at a time. `shown` is the text of the open one so far."""

    def __init__(self) -> None:
        self.last = 0
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
        self.kind, self.shown = kind, ""
        self._began, self._asked_at = self._asked_at or time.monotonic(), None
        yield StepStarted(self.last, kind, parent)

    def write(self, text: str) -> Iterator[Event]:
        if text:
            self.shown += text
            yield TextDelta(self.last, text)

    def close(self, text: str | None = None) -> Iterator[Event]:
        """End the open step; `text` is its authoritative text where that is known."""
        if self.kind is None:
            return
        differs = text is not None and text != self.shown
        self.kind = None
        yield StepFinished(self.last, self._ms(), text if differs else None)

    def whole(self, kind: StepKind, text: str, parent: int | None = None) -> Iterator[Event]:
        """A step that is there all at once."""
        yield from self.open(kind, parent)
        yield from self.write(text)
        yield from self.close()

    def _ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)
