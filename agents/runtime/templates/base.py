"""What the template formats share: where a name is used, how a value is written, how errors name their place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from agents.runtime.errors import PromptError


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name is used. Inside sections (`within`) it may be a field of the section's value."""

    name: str
    line: int
    column: int
    within: tuple[str, ...] = ()
    section: bool = False


class Template(Protocol):
    """A parsed template. `variables` are the names that must come from outside."""

    @property
    def uses(self) -> tuple[Use, ...]: ...

    @property
    def variables(self) -> frozenset[str]: ...

    def render(self, values: Mapping[str, Any]) -> str: ...


def written(value: Any) -> str:
    """A value as it stands in a prompt: text as it is, lists and objects as compact JSON, dates in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


def refuse(code: str, detail: str, text: str, offset: int) -> PromptError:
    line, column = place(text, offset)
    return PromptError(code, f"{detail} (line {line}, column {column})", line=line, column=column)


def missing(names: Sequence[str]) -> PromptError:
    """One error that names everything that has no value."""
    distinct = list(dict.fromkeys(names))
    listed = ", ".join(distinct)
    return PromptError(f"missing:{','.join(distinct)}", f"There is no value for {listed}.")
