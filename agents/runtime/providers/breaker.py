"""Leaves a server alone that fails again and again, so that people hear of it at once and others answer instead.

Closed, calls pass. After FAILURES_TO_OPEN failures in a row within WITHIN_S it opens, and calls fail without being
made. When the pause is over, one call at a time may try: the first that gets an answer closes it, one that fails makes
the next pause twice as long. (Nygard, Release It!, Circuit Breaker.)
"""

import time
from collections.abc import Callable
from math import ceil
from types import TracebackType

from agents.runtime.errors import ModelError

FAILURES_TO_OPEN = 5
WITHIN_S = 60.0
FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 120.0
# What a server does that is down or drowning; a refusal of any kind shows that it lives.
COUNTED = {"overloaded": "overloaded", "timeout": "overloaded", "unreachable": "unreachable"}


class CircuitBreaker:
    """One for each server. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause_s = FIRST_PAUSE_S
        self._failed_at: list[float] = []
        self._opened_at: float | None = None
        self._code = "overloaded"
        self._trying = False

    def enter(self) -> bool:
        """Before a call: whether it is the one that tries. Raises ModelError while calls are held off."""
        if self._opened_at is None:
            return False
        left_s = self._opened_at + self._pause_s - self._clock()
        if left_s > 0 or self._trying:
            raise _held_off(self._code, max(1, ceil(left_s)))
        self._trying = True
        return True

    def answered(self) -> None:
        """The server began to answer, or refused what it was asked."""
        self._failed_at.clear()
        self._opened_at, self._pause_s, self._trying = None, FIRST_PAUSE_S, False

    def failed(self, code: str, *, tried: bool) -> None:
        """A call got no answer; calls that began before it opened change nothing any more."""
        now = self._clock()
        if tried:
            self._opened_at, self._pause_s = now, min(self._pause_s * 2, LONGEST_PAUSE_S)
            self._trying = False
        elif self._opened_at is None:
            self._failed_at = [*(at for at in self._failed_at if now - at <= WITHIN_S), now]
            self._opened_at = now if len(self._failed_at) >= FAILURES_TO_OPEN else None
            self._code = COUNTED[code]

    def left(self) -> None:
        """The one that tried went away before anything was known."""
        self._trying = False


class Passage:
    """One call through a breaker, which hears how it went; without a breaker every call passes."""

    def __init__(self, breaker: CircuitBreaker | None) -> None:
        self._breaker = breaker
        self._tries = False
        self.is_known = breaker is None

    def __enter__(self) -> "Passage":
        self._tries = self._breaker is not None and self._breaker.enter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._breaker is not None and self._tries and not self.is_known:
            self._breaker.left()

    def answered(self) -> None:
        if self._breaker is not None and not self.is_known:
            self._breaker.answered()
        self.is_known = True

    def failed(self, code: str) -> None:
        """Of a code of ModelError; what isn't counted was an answer all the same."""
        if code not in COUNTED:
            self.answered()
        if self._breaker is not None and not self.is_known:
            self._breaker.failed(code, tried=self._tries)
        self.is_known = True


def _held_off(code: str, left_s: int) -> ModelError:
    detail = (
        f"The model's server has failed several times in a row, so it is left alone for now. Try again in {left_s} s."
    )
    return ModelError(code, detail, retryable=True, retry_after_s=float(left_s))
