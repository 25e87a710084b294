"""Notices when an agent goes in circles: the same call again, the same failure again, or a cycle of calls."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["run", "repeat", "refuse", "stop"]
Key = tuple[str, str]
HINT = "You already did this and got the same result. Use it, or try something else."
REFUSAL = "You did this twice already, so it was not done again. Use the result, or give your answer."
FAILED_HINT = "You already tried exactly this and it failed. Change the input, or use another tool."
SAME_FAILURES = 3
MOST_TIMES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What a call gave, and what it changed in the state that the run's tools share."""

    output: str
    changed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Repetition:
    """What was called in this run, and what came of it."""

    results: dict[Key, Known] = field(default_factory=dict)
    failed: dict[Key, int] = field(default_factory=dict)
    calls: list[Key] = field(default_factory=list)
    _failure: str = ""
    _failures: int = 0

    def judge(self, tool: str, given: Any) -> Verdict:
        """What to do about a call, before it is made."""
        key = key_of(tool, given)
        self.calls.append(key)
        times = self.calls.count(key)
        if self._goes_round():
            return "stop"
        if times > MOST_TIMES:
            return "stop"
        if key not in self.results or times == 1:
            return "run"
        return "repeat" if times == 2 else "refuse"

    def result_of(self, tool: str, given: Any) -> str:
        return self.results[key_of(tool, given)].output

    def changed_by(self, tool: str, given: Any) -> Mapping[str, Any]:
        """What the call did to the state of the run's tools: it is done again where the call isn't."""
        return self.results[key_of(tool, given)].changed

    def remember(
        self, tool: str, given: Any, output: str, *, error: str | None, changed: Mapping[str, Any] | None = None
    ) -> str:
        """Keep what a call gave; returns what to add to the observation. Failures may differ next time."""
        key = key_of(tool, given)
        if error is None:
            self.results[key] = Known(output, changed or {})
            self._failure, self._failures = "", 0
            return ""
        normalised = " ".join(output.split()).lower()
        self._failures = self._failures + 1 if normalised == self._failure else 1
        self._failure = normalised
        self.failed[key] = self.failed.get(key, 0) + 1
        return FAILED_HINT if self.failed[key] > 1 else ""

    @property
    def keeps_failing(self) -> bool:
        return self._failures >= SAME_FAILURES

    def _goes_round(self) -> bool:
        """A B A B A B, or the same with three or four calls: the second full repetition of a cycle."""
        for length in (2, 3, 4):
            last = self.calls[-3 * length :]
            cycle = last[:length]
            if len(last) == 3 * length and last == cycle * 3 and len(set(cycle)) > 1:
                return True
        return False


def key_of(tool: str, given: Any) -> Key:
    if isinstance(given, str):
        return tool, " ".join(given.split())
    return tool, json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
