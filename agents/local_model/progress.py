"""How a long transfer shows itself: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

Report = Callable[[str, int, int], None]
"""Called with what is going on, the bytes done and the bytes in all; often, so it must be quick."""

BAR = 28


class Console:
    """A `Report` for people who look at a console."""

    def __init__(self, out: TextIO | None = None, *, every_s: float = 0.1) -> None:
        self.out = out or sys.stderr
        self.live = self.out.isatty()
        self.every_s = every_s
        self._what = ""
        self._step = -1
        self._shown_at = 0.0
        self._began: tuple[float, int] = (0.0, 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._step, self._shown_at, self._began = what, -1, 0.0, (now, done)
        if self.live:
            self._draw(now, done, total)
        elif (step := done * 10 // total) != self._step:
            self._step = step
            print(f"{what}: {done * 100 // total} % of {_size(total)}", file=self.out, flush=True)

    def _draw(self, now: float, done: int, total: int) -> None:
        if done < total and now - self._shown_at < self.every_s:
            return
        self._shown_at = now
        filled = done * BAR // total
        bar = "#" * filled + "." * (BAR - filled)
        line = f"{self._what} [{bar}] {done * 100 // total:3} % {self._rest(now, done, total)}"
        self.out.write(f"\r{line}\033[K" + ("\n" if done >= total else ""))
        self.out.flush()

    def _rest(self, now: float, done: int, total: int) -> str:
        since, first = self._began
        if done >= total or done == first or now - since < 1:
            return f"of {_size(total)}"
        seconds = int((total - done) * (now - since) / (done - first))
        return f"of {_size(total)}, {seconds // 60}:{seconds % 60:02} left"


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
