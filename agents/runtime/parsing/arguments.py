"""A function call's arguments: the model's JSON text, read, checked against the schema, or refused (agents.md B.10).

What can only mean one thing is forgiven and flagged. A tool never sees arguments that failed the check.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.parsing.schema_check import check
from agents.runtime.parsing.strict_json import loads, repaired

LONGEST = 256 * 1024
FENCE = re.compile(r"\A```[\w+-]*[ \t]*\n?")
CLOSING_FENCE = re.compile(r"\A\s*```")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Usable `args`; `flags` name what was tolerated."""

    args: dict[str, Any]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadArguments:
    """`code` says what is wrong, `names` which arguments, `problem` both in words for the model.

    Codes: invalid_json_arguments, arguments_not_object, missing_arguments, unknown_arguments, invalid_arguments.
    """

    code: str
    names: tuple[str, ...] = ()
    problem: str = ""


class _Refused(Exception):
    def __init__(self, bad: BadArguments) -> None:
        super().__init__(bad.code)
        self.bad = bad


def read_arguments(text: str, schema: Mapping[str, Any]) -> Arguments | BadArguments:
    """What a call of a function with these `parameters` gives it."""
    flags: set[str] = set()
    try:
        fields = _fields(_value(text, flags), schema, flags)
    except _Refused as refused:
        return refused.bad
    checked = check(fields, schema)
    if checked.code:
        return BadArguments(checked.code, checked.names, checked.problem)
    if checked.coerced:
        flags.add("coerced")
    return Arguments(checked.value, tuple(sorted(flags)))


def _value(text: str, flags: set[str]) -> Any:
    text = text.strip()
    if not text:
        return {}
    if len(text) > LONGEST:
        raise _Refused(BadArguments("invalid_json_arguments", problem="they are too long"))
    try:
        return loads(text, flags)
    except ValueError as error:
        problem = str(error)
    try:
        return _tolerated(text, flags)
    except ValueError:
        raise _Refused(BadArguments("invalid_json_arguments", problem=problem)) from None


def _tolerated(text: str, flags: set[str]) -> Any:
    """JSON in a fence, with prose behind it, with a comma too many, or written as Python would. Raises ValueError."""
    opening = FENCE.match(text)
    inside = text[opening.end() :] if opening else text
    value, rest = repaired(inside.lstrip(), flags)
    if opening:
        rest = CLOSING_FENCE.sub("", rest)
    rest = rest.strip()
    if rest.lstrip(" \t\n,;").startswith(("{", "[")):
        raise ValueError("there are two values in a row")
    flags |= {"json_repaired", "trailing_text"} if rest else {"json_repaired"}
    return value


def _fields(value: Any, schema: Mapping[str, Any], flags: set[str]) -> dict[str, Any]:
    """The object that the value is, or stands for."""
    if value is None:
        flags.add("null_arguments")
        return {}
    if isinstance(value, str):
        return _unwrapped(value, schema, flags)
    if not isinstance(value, dict):
        raise _Refused(BadArguments("arguments_not_object", problem=f"this is {_described(value)}"))
    return value


def _unwrapped(text: str, schema: Mapping[str, Any], flags: set[str]) -> dict[str, Any]:
    """An object that was encoded twice, or the bare value of the only argument."""
    try:
        inner = loads(text, flags)
    except ValueError:
        inner = None
    if isinstance(inner, dict):
        flags.add("double_encoded")
        return inner
    if name := only_string(schema):
        flags.add("bare_value")
        return {name: text}
    raise _Refused(BadArguments("arguments_not_object", problem="this is a string"))


def only_string(schema: Mapping[str, Any]) -> str | None:
    """The name of the one argument of a function that takes one string."""
    properties = schema.get("properties") or {}
    if len(properties) != 1:
        return None
    name, fields = next(iter(properties.items()))
    return str(name) if isinstance(fields, Mapping) and fields.get("type") == "string" else None


def _described(value: Any) -> str:
    return "a list" if isinstance(value, list) else f"the value {json.dumps(value)[:50]}"
