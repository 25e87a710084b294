"""What the template formats share: where a name is used, how a value is written, how errors name their place."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final, Protocol

from agents.runtime.errors import PromptError

# No model reads a prompt of millions of characters: beyond this, a section has been repeated without end.
MAX_LENGTH: Final = 4_000_000
MAX_PARTS: Final = 200_000
LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name is used. Inside sections (`within`) it may be a field of the section's value.

    `source` is the reference of the included prompt that uses it; its place is then that of the inclusion.
    """

    name: str
    line: int
    column: int
    within: tuple[str, ...] = ()
    section: bool = False
    source: str = ""


class Template(Protocol):
    """A parsed template. `variables` are the names that must come from outside."""

    @property
    def uses(self) -> tuple[Use, ...]: ...

    @property
    def variables(self) -> frozenset[str]: ...

    def render(self, values: Mapping[str, Any]) -> str: ...


class Places:
    """Lines and columns of a text, both from 1. Lines are looked for once, as a text may use thousands of names."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class Output:
    """What a template writes, part by part; PromptError `too_long` where it would never end."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_LENGTH
        self._turns = MAX_PARTS

    def write(self, text: str) -> None:
        self.turn()
        self._left -= len(text)
        if self._left < 0:
            raise PromptError("too_long", f"The text would be longer than {MAX_LENGTH:,} characters.")
        self._parts.append(text)

    def turn(self) -> None:
        """Count a step of the work: sections within sections over lists multiply, even when they write nothing."""
        self._turns -= 1
        if self._turns < 0:
            raise PromptError(
                "too_long", f"The text would have more than {MAX_PARTS:,} parts: sections repeat too often."
            )

    def text(self) -> str:
        return "".join(self._parts)


def written(value: Any) -> str:
    """A value as it stands in a prompt: text as it is, lists and objects as compact JSON, dates in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        if isinstance(value, Mapping | list | tuple):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return str(_plain(value))
    except (TypeError, ValueError, RecursionError):
        detail = "A value can't be written as text: it holds itself, is nested too deeply, or is too long a number."
        raise PromptError("bad_value", detail) from None


def _plain(value: Any) -> Any:
    """What JSON doesn't know, as something it does."""
    if isinstance(value, date | time):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else str(value)


def refuse(code: str, detail: str, text: str, offset: int) -> PromptError:
    line, column = Places(text).at(offset)
    return PromptError(code, f"{detail} (line {line}, column {column})", line=line, column=column)


def shortened(name: str) -> str:
    """A name as an error repeats it: whatever stands between braces may be pages long."""
    return name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"


def missing(names: Iterable[str]) -> PromptError:
    """One error that names everything that has no value."""
    distinct: Sequence[str] = list(dict.fromkeys(names))
    listed = ", ".join(distinct)
    return PromptError(f"missing:{','.join(distinct)}", f"There is no value for {listed}.")
