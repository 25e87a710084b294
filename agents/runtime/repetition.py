"""Notices when an agent goes in circles: the same call a second time gets a hint, a third time ends the run."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["run", "repeat", "stop"]
Key = tuple[str, str]
HINT = "You already did this and got the same result. Use it, or try something else."
REFUSAL = "This was done twice already, so it was not done again."
FAILED_HINT = "You already tried exactly this and it failed. Change the input, or use another tool."
SAME_FAILURES = 3
MOST_TIMES = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What a call gave, and what it changed in the state that the run's tools share."""

    output: str
    changed: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def told_again(self) -> str:
        return f"{self.output}\n{HINT if self.error is None else FAILED_HINT}"


@dataclass(slots=True)
class Repetition:
    """What was called in this run, and what came of it.

    The calls of one turn are made before the model knows what any of them gives: only turns make a loop. A failure may
    differ the next time, but not within its turn.
    """

    results: dict[Key, Known] = field(default_factory=dict)
    failed: dict[Key, int] = field(default_factory=dict)
    calls: Counter[Key] = field(default_factory=Counter)
    _failure: str = ""
    _failures: int = 0
    _this_turn: set[Key] = field(default_factory=set)
    _failed_this_turn: dict[Key, Known] = field(default_factory=dict)
    _failure_counted: bool = False

    def begin_turn(self) -> None:
        self._this_turn.clear()
        self._failed_this_turn.clear()
        self._failure_counted = False

    def judge(self, tool: str, given: Any) -> Verdict:
        """What to do about a call, before it is made."""
        key = key_of(tool, given)
        if key not in self._this_turn:
            self._this_turn.add(key)
            self.calls[key] += 1
            if self.calls[key] > MOST_TIMES:
                return "stop"
        return "repeat" if key in self.results or key in self._failed_this_turn else "run"

    def known(self, tool: str, given: Any) -> Known:
        """What a call gave that is to be repeated. What it changed is changed again, where the call isn't made."""
        key = key_of(tool, given)
        return self._failed_this_turn.get(key) or self.results[key]

    def remember(
        self, tool: str, given: Any, output: str, *, error: str | None, changed: Mapping[str, Any] | None = None
    ) -> str:
        """Keep what a call gave; returns what to add to the observation."""
        key = key_of(tool, given)
        if error is None:
            self.results[key] = Known(output, changed or {})
            self._failure, self._failures = "", 0
            return ""
        self._failed_this_turn[key] = Known(output, changed or {}, error)
        self._count_failure(" ".join(output.split()).lower())
        self.failed[key] = self.failed.get(key, 0) + 1
        return FAILED_HINT if self.failed[key] > 1 else ""

    def _count_failure(self, normalised: str) -> None:
        if normalised != self._failure:
            self._failure, self._failures = normalised, 1
        elif not self._failure_counted:
            self._failures += 1
        self._failure_counted = True

    @property
    def keeps_failing(self) -> bool:
        return self._failures >= SAME_FAILURES


def key_of(tool: str, given: Any) -> Key:
    if isinstance(given, str):
        return tool, " ".join(given.split())
    return tool, json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
