"""Programs that a model writes to answer a question: found in its reply, and what came of running them (PAL, A.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from textwrap import dedent
from typing import Any, Literal, Protocol

from agents.runtime.parsing.thinking import without_thinking

Failure = Literal["syntax", "exception", "timeout", "memory", "no_value", "unavailable"]
FENCE = re.compile(
    r"(?P<indent>(?<![^\n])[ \t]*)?```(?P<language>[\w+-]*)[ \t]*\n(?P<code>.*?)(?:\n[ \t]*```|\Z)", re.DOTALL
)
PYTHON = frozenset({"", "python", "py", "python3"})
IMPORT = re.compile(r"(?:import|from)\s")
VARIABLE = re.compile(r"^(answer|result)\s*(?::[^=\n]{1,60})?=[^=]", re.MULTILINE)
DEFINES = re.compile(r"^def solution\s*\(", re.MULTILINE)
LONGEST_VALUE = 4000
MOST_NESTED = 10  # lists in lists
DECIMALS_MEANT = 9
NOISE = 1e-12  # of the value itself; a float has nearly sixteen digits
DECIMALS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """`value` is the exact text of what was returned, or None; then `failure` is the kind and `problem` a sentence."""

    value: str | None
    failure: Failure | None = None
    problem: str = ""


class Interpreter(Protocol):
    """Runs a program in a sandbox. The value of its last expression is the result; never raises for what it does."""

    async def run(self, program: str) -> ProgramResult:
        """Bounded in time, memory and output by the sandbox itself (agents.md A.5: 5 s, 128 MB, 4,000 characters).

        Reaching a limit is a result like any failure: `timeout`, `memory`, or `no_value` for a number that is longer.
        Longer text is cut.
        """


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
    fences = (match for match in FENCE.finditer(text) if match["language"].lower() in PYTHON)
    blocks = [dedent(fence["code"]) if fence["indent"] else fence["code"] for fence in fences]
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
    """A returned value as exact text, a float without its noise; lists by their items; None for what is no answer."""
    return _written(value, MOST_NESTED)


def _written(value: Any, nested: int) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return _decimal(value)
    if isinstance(value, int | Fraction | date):
        return _bounded(value)
    if isinstance(value, str):
        return value.strip()[:LONGEST_VALUE] or None
    if isinstance(value, list | tuple | set | frozenset) and nested:
        items = [_written(item, nested - 1) for item in value]
        return ", ".join(items)[:LONGEST_VALUE] if items and None not in items else None  # type: ignore[arg-type]
    return None


def _decimal(value: float | Decimal) -> str | None:
    """Without a fraction if it has none. One of more digits than are written is never made an integer of."""
    if not isfinite(value) or (isinstance(value, Decimal) and value.adjusted() >= LONGEST_VALUE):
        return None
    value = without_noise(value) if isinstance(value, float) else value
    return _bounded(int(value) if value == int(value) else value)


def without_noise(value: float) -> float:
    """The short decimal that a sum of decimals was to be: 0.30000000000000004 is 0.3 (agents.md A.5, round at 1e-9).

    It is what rounding to nine decimals gives, where that changes no more than the thirteenth significant digit or so.
    What has more decimals of its own stays exact: 1/3, pi, or 1e-13.
    """
    meant = round(value, DECIMALS_MEANT)
    return meant if abs(meant - value) <= NOISE * abs(value) else value


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
