"""Programs that a model writes to answer a question: found in its reply, and what came of running them (PAL, A.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, Literal, Protocol

from agents.runtime.parsing.cleaning import without_thinking

Failure = Literal["syntax", "exception", "timeout", "memory", "no_value", "unavailable"]
FENCE = re.compile(r"```(?P<language>[\w+-]*)[ \t]*\n(?P<code>.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
PYTHON = frozenset({"", "python", "py", "python3"})
IMPORT = re.compile(r"(?:import|from)\s")
VARIABLE = re.compile(r"^(answer|result)\s*=[^=]", re.MULTILINE)
DEFINES = re.compile(r"^def solution\s*\(", re.MULTILINE)
LONGEST_VALUE = 4000
DECIMALS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """`value` is the exact text of what was returned, or None; then `failure` is the kind and `problem` a sentence."""

    value: str | None
    failure: Failure | None = None
    problem: str = ""


class Interpreter(Protocol):
    """Runs a program in a sandbox. The value of its last expression is the result; never raises for what it does."""

    async def run(self, program: str) -> ProgramResult: ...


def program_in(reply: str) -> str | None:
    """The program of a reply, ending in a call of `solution()`; None where there is none."""
    text = without_thinking(reply).replace("\r\n", "\n")
    code = _fenced(text) or _bare(text)
    if code is None:
        return None
    if DEFINES.search(code):
        return f"{code.rstrip()}\n\nsolution()"
    assigned = VARIABLE.findall(code)
    return f"{code.rstrip()}\n\n{assigned[-1]}" if assigned else None


def _fenced(text: str) -> str | None:
    """The first Python block; several are joined where the first doesn't define the function."""
    blocks = [match["code"] for match in FENCE.finditer(text) if match["language"].lower() in PYTHON]
    if not blocks:
        return None
    return blocks[0] if DEFINES.search(blocks[0]) else "\n\n".join(blocks)


def _bare(text: str) -> str | None:
    """Without a fence: from the function (or the imports right before it) to the end of its indented body."""
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if DEFINES.match(line)), None)
    if start is None:
        return None
    first = start
    while first and (IMPORT.match(lines[first - 1]) or not lines[first - 1].strip()):
        first -= 1
    return "\n".join([*lines[first : start + 1], *_body(lines[start + 1 :])]).strip("\n")


def _body(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() and not line[0].isspace():
            return
        yield line


def written(value: Any) -> str | None:
    """A returned value as exact text; lists by their items; None for what is no answer."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal) and not isfinite(value):
        return None
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    if isinstance(value, int | float | Decimal | Fraction | date):
        return _bounded(value)
    if isinstance(value, str):
        return value.strip()[:LONGEST_VALUE] or None
    if isinstance(value, list | tuple | set | frozenset):
        items = [written(item) for item in value]
        return ", ".join(items)[:LONGEST_VALUE] if items and None not in items else None  # type: ignore[arg-type]
    return None


def _bounded(value: Any) -> str | None:
    try:
        text = str(value)
    except ValueError:  # an integer of more digits than Python writes out
        return None
    return text if len(text) <= LONGEST_VALUE else None


def shown(value: str) -> str:
    """A number rounded to six decimals for people; the exact one is kept beside it."""
    try:
        number = Decimal(value)
    except ArithmeticError:
        return value
    if not number.is_finite() or number == number.to_integral_value():
        return value
    return format(round(number, DECIMALS_SHOWN).normalize(), "f")
