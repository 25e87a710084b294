"""Progress of an evaluation on standard error."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

from agents.evals.runner import TrialResult

BAR = 24


class _Out(Protocol):
    def write(self, msg: str, style_func: Any = None, ending: str | None = None) -> None: ...
    def isatty(self) -> bool: ...


class Progress:
    """A bar that is drawn over itself on a terminal, a line each tenth elsewhere."""

    def __init__(self, out: _Out, total: int) -> None:
        self._out, self._total = out, total
        self._done = self._errors = 0
        self._started = time.monotonic()
        self._shown = 0

    def __call__(self, results: Sequence[TrialResult]) -> None:
        self._done += len(results)
        self._errors += sum(result.outcome == "error" for result in results)
        tenth = 10 * self._done // max(1, self._total)
        if self._out.isatty():
            self._out.write(f"\r{self._line()}", ending="\n" if self._done == self._total else "")
        elif tenth > self._shown:
            self._shown = tenth
            self._out.write(self._line())

    def _line(self) -> str:
        filled = BAR * self._done // max(1, self._total)
        left = (time.monotonic() - self._started) / max(1, self._done) * (self._total - self._done)
        errors = f", {self._errors} errors" if self._errors else ""
        bar = f"[{'#' * filled}{'.' * (BAR - filled)}]"
        return f"{bar} {self._done} of {self._total}{errors}, about {left:.0f} s left  "
