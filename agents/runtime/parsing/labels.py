"""Labels of the protocols: what counts as one, and what might still become one while it is being written.

A label counts only at the start of a line and outside of code fences; whatever a model puts around it (bullets, bold,
numbers) is tolerated. A label in the middle of a sentence is text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Name = Literal[
    "thought",
    "action",
    "action_input",
    "observation",
    "final_answer",
    "question",
    "command",
    "follow_up_needed",
    "follow_up",
    "intermediate_answer",
    "tool_needed",
    "no_tool_needed",
    "no_tool_because",
    "human",
]

LEAD = r"[ \t]*(?:>[ \t]*)*(?:\#+[ \t]*)?(?:(?:[-*+•]|\d+[.)])[ \t]+)?"
MARK = r"\*\*|__|\*|_|`"

# The longest label that is waited for, with everything that may stand around it.
LONGEST = 40
FENCE = re.compile(r"[ \t]*(?:`{3}|~{3})")
_BEGINNING = re.compile(r"[ \t>#\-*+•\d.)_`]*")
_ENDING = re.compile(r"[ \t\d*_`]*\Z")


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line that starts with a label, and what stands behind it: from `start` on, or without the label's own mark."""

    name: Name
    rest: str
    start: int


class Labels:
    """The labels of one grammar: patterns by name, and the spellings that are waited for (which may leave out one that
    another begins with)."""

    def __init__(self, names: Mapping[Name, str], spelled: Iterable[str]) -> None:
        self._names = tuple(names)
        any_name = "|".join(f"(?P<{name}>{pattern})" for name, pattern in names.items())
        self._label = re.compile(
            rf"{LEAD}(?P<mark>{MARK})?(?:{any_name})(?:[ \t]+\d+)?"
            r"(?P<closed>(?P=mark))?[ \t]*[:：](?P<closed_late>(?P=mark))?[ \t]*",
            re.IGNORECASE,
        )
        self._spelled = tuple(_as_spelled(name) for name in spelled)

    def of(self, line: str) -> LabelLine | None:
        match = self._label.match(line) if ":" in line or "：" in line else None
        if match is None:
            return None
        rest, mark = line[match.end() :], match["mark"]
        if mark and not match["closed"] and not match["closed_late"] and rest.rstrip().endswith(mark):
            rest = rest.rstrip().removesuffix(mark)
        return LabelLine(next(name for name in self._names if match[name]), rest, match.end())

    def may_begin(self, line: str) -> bool:
        """Whether the beginning of a line has to be held back: it could still turn out to be a label or a fence."""
        if len(line) > LONGEST:
            return False
        rest = line[_BEGINNING.match(line).end() :]  # type: ignore[union-attr]
        spelled = _as_spelled(_ENDING.sub("", rest))
        return not spelled or FENCE.match(line) is not None or any(name.startswith(spelled) for name in self._spelled)


def _as_spelled(text: str) -> str:
    return re.sub("[_-]", " ", text.lower())


REACT_NAMES: dict[Name, str] = {
    "final_answer": r"final[ _]?answer",
    "action_input": r"(?:action|tool)[ _]?input",
    "action": r"action|tool",
    "thought": r"thought",
    "observation": r"observation",
    "question": r"question",
}
REACT_SPELLED = (
    *("final answer", "finalanswer", "action input", "actioninput", "tool input", "toolinput"),
    *("thought", "observation", "question"),
)
REACT = Labels(REACT_NAMES, REACT_SPELLED)


def without_fences(text: str) -> str:
    """The text with blanks for its fenced blocks, so that every position stays."""
    fences, lines = Fences(), []
    for line in text.split("\n"):
        fences.pass_line(line)
        lines.append(" " * len(line) if fences.inside else line)
    return "\n".join(lines)


class Fences:
    """Whether the lines that pass are inside a fenced block, where nothing is a label."""

    OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[^`]*\Z")

    def __init__(self) -> None:
        self._open = ""

    @property
    def inside(self) -> bool:
        return bool(self._open)

    def pass_line(self, line: str) -> None:
        if self._open:
            closing = line.strip()
            if set(closing) == {self._open[0]} and len(closing) >= len(self._open):
                self._open = ""
        elif opening := self.OPENING.match(line):
            self._open = opening["fence"]
