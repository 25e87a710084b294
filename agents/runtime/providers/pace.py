"""How much a provider still allows, by its replies' headers: better a short wait than a refusal (agents.md F.5)."""

import re
import time
from collections.abc import Callable, Mapping

KINDS = ("requests", "tokens")
LONGEST_WAIT_S = 10.0
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Pace:
    """The last values of one provider. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, int] = {}
        self._reset_at: dict[str, float] = {}

    def note(self, headers: Mapping[str, str]) -> None:
        """What a reply says. Values that stand for unknown (Azure's 0 of −1) are none."""
        for kind in KINDS:
            left = _number(headers.get(f"x-ratelimit-remaining-{kind}"))
            reset_s = seconds_of(headers.get(f"x-ratelimit-reset-{kind}") or "")
            limit = _number(headers.get(f"x-ratelimit-limit-{kind}"))
            if left is not None and left >= 0 and reset_s is not None and limit is not None and limit > 0:
                self._left[kind], self._reset_at[kind] = left, self._clock() + reset_s

    def take(self) -> float:
        """Seconds to wait before one more call, at most LONGEST_WAIT_S; the call itself is counted."""
        now = self._clock()
        wait_s = max((self._wait(kind, now) for kind in KINDS), default=0.0)
        if "requests" in self._left:
            self._left["requests"] -= 1
        return min(wait_s, LONGEST_WAIT_S)

    def _wait(self, kind: str, now: float) -> float:
        if kind not in self._left:
            return 0.0
        if now >= self._reset_at[kind]:
            del self._left[kind]
            return 0.0
        return self._reset_at[kind] - now if self._left[kind] <= 0 else 0.0


def seconds_of(duration: str) -> float | None:
    """`6m0s`, `1s`, `20ms` or plain seconds; None for anything else."""
    try:
        return max(0.0, float(duration))
    except ValueError:
        pass
    parts = DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration.strip():
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in parts)


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None
