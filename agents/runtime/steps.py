"""The timeline of a run while it grows: steps open when there is something to show and close with their last word."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from agents.runtime.events import Event, StepFinished, StepKind, StepStarted, TextDelta


@dataclass(slots=True)
class _Open:
    """A step that goes on; `shown` is its text so far."""

    kind: StepKind
    began: float
    shown: str = ""


class Timeline:
    """Numbers the steps. One is open at a time, unless steps are opened beside each other: then name the one meant.

    Without a number the newest step is meant, `last`. `kind` is None when that is over, `shown` is its text.
    """

    def __init__(self) -> None:
        self.last = 0
        self._given = 0
        self._open: dict[int, _Open] = {}
        self._current: _Open | None = None
        self._asked_at: float | None = None

    @property
    def kind(self) -> StepKind | None:
        return self._open[self.last].kind if self.last in self._open else None

    @property
    def shown(self) -> str:
        return self._current.shown if self._current else ""

    @property
    def next(self) -> int:
        """The number that the next step will have."""
        return self._given + 1

    def number(self) -> int:
        """A number for a step that isn't ours but stands within an open one."""
        self._given += 1
        return self._given

    def asked(self) -> None:
        """A model call begins: the time until its first word belongs to the step that it opens."""
        self._asked_at = time.monotonic()

    def open(self, kind: StepKind, parent: int | None = None, *, beside: bool = False) -> Iterator[Event]:
        """Begin the step that gets the next number. Those that are open end with it, except `beside` them."""
        if not beside:
            yield from self.close_all()
        self.last = self.number()
        self._current = self._open[self.last] = _Open(kind, self._asked_at or time.monotonic())
        self._asked_at = None
        yield StepStarted(self.last, kind, parent)

    def write(self, text: str, *, step: int | None = None) -> Iterator[Event]:
        number = self.last if step is None else step
        if text and number in self._open:
            self._open[number].shown += text
            yield TextDelta(number, text)

    def close(self, text: str | None = None, *, step: int | None = None) -> Iterator[Event]:
        """End an open step; `text` is its authoritative text where that is known."""
        number = self.last if step is None else step
        opened = self._open.pop(number, None)
        if opened is None:
            return
        differs = text is not None and text != opened.shown
        yield StepFinished(number, round((time.monotonic() - opened.began) * 1000), text if differs else None)

    def close_all(self) -> Iterator[Event]:
        for number in list(self._open):
            yield from self.close(step=number)

    def whole(self, kind: StepKind, text: str, parent: int | None = None, *, beside: bool = False) -> Iterator[Event]:
        """A step that is there all at once."""
        yield from self.open(kind, parent, beside=beside)
        yield from self.write(text)
        yield from self.close()
