"""Labels of the protocol: what counts as one, and what might still become one while it is being written.

A label counts only at the start of a line and outside of code fences; whatever a model puts around it (bullets, bold,
numbers) is tolerated. A label in the middle of a sentence is text.
"""

import re
from dataclasses import dataclass
from typing import Literal

Name = Literal["thought", "action", "action_input", "observation", "final_answer", "question"]

_LEAD = r"[ \t]*(?:>[ \t]*)*(?:\#+[ \t]*)?(?:(?:[-*+•]|\d+[.)])[ \t]+)?"
_MARK = r"\*\*|__|\*|_|`"
_NAMES: dict[Name, str] = {
    "final_answer": r"final[ _]?answer",
    "action_input": r"(?:action|tool)[ _]?input",
    "action": r"action|tool",
    "thought": r"thought",
    "observation": r"observation",
    "question": r"question",
}
_ANY = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES.items())
LABEL = re.compile(
    rf"{_LEAD}(?P<mark>{_MARK})?(?:{_ANY})(?:[ \t]+\d+)?"
    r"(?P<closed>(?P=mark))?[ \t]*[:：](?P<closed_late>(?P=mark))?[ \t]*",
    re.IGNORECASE,
)

# The longest label that is waited for, with everything that may stand around it.
LONGEST = 40
_BEGINNING = re.compile(r"[ \t>#\-*+•\d.)_`]*")
_ENDING = re.compile(r"[ \t\d*_`]*\Z")
_SPELLED = ("final answer", "finalanswer", "action input", "actioninput", "tool input", "toolinput")
SPELLED = (*_SPELLED, "thought", "observation", "question")


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line that starts with a label, and what stands behind it: from `start` on, or without the label's own mark."""

    name: Name
    rest: str
    start: int


def label_of(line: str) -> LabelLine | None:
    match = LABEL.match(line)
    if match is None:
        return None
    rest, mark = line[match.end() :], match["mark"]
    if mark and not match["closed"] and not match["closed_late"] and rest.rstrip().endswith(mark):
        rest = rest.rstrip().removesuffix(mark)
    return LabelLine(next(name for name in _NAMES if match[name]), rest, match.end())


def may_become_label(line: str) -> bool:
    """Whether the beginning of a line has to be held back: it could still turn out to be a label or a fence."""
    if len(line) > LONGEST:
        return False
    rest = line[_BEGINNING.match(line).end() :]  # type: ignore[union-attr]
    spelled = _ENDING.sub("", rest).lower().replace("_", " ")
    return not spelled or any(name.startswith(spelled) for name in SPELLED)


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
