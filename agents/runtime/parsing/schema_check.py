"""Whether arguments are what a function's schema asks for, after conversions that lose nothing.

One of these: null for a field that may be missing means that it is. In strict mode models have no other way to say so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema.exceptions import ValidationError
from referencing.exceptions import Unresolvable

from agents.runtime.answers.patterns import PatternError
from agents.runtime.answers.schema import errors_of
from agents.runtime.answers.strict import without_nulls

INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})\Z")
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,2})?\Z")
BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
MOST_PROBLEMS = 5
LONGEST_PROBLEM = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """The `value` that may be used, or a `code` with the `names` of the fields that are wrong."""

    value: dict[str, Any]
    coerced: bool = False
    code: str = ""
    names: tuple[str, ...] = ()
    problem: str = ""


def check(fields: dict[str, Any], schema: Mapping[str, Any]) -> Checked:
    """Required fields, no unknown ones, and the types that the schema asks for."""
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    if missing := tuple(name for name in schema.get("required") or () if name not in fields):
        return Checked(fields, code="missing_arguments", names=missing, problem=f"Missing: {', '.join(missing)}.")
    unknown = tuple(name for name in fields if name not in known) if _is_closed(schema) else ()
    if unknown:
        named = ", ".join(name[:60] for name in unknown[:MOST_PROBLEMS])
        return Checked(fields, code="unknown_arguments", names=unknown, problem=f"Unknown: {named}.")
    value = without_nulls({name: _coerced(given, known.get(name)) for name, given in fields.items()}, schema, schema)
    errors = _errors(value, schema)
    if not errors:
        return Checked(value, coerced=not _same(value, fields))
    names = tuple(dict.fromkeys(name for name, _ in errors if name))
    problem = " ".join(f"{name}: {said}." if name else f"{said}." for name, said in errors)
    return Checked(fields, code="invalid_arguments", names=names, problem=problem)


def _is_closed(schema: Mapping[str, Any]) -> bool:
    """Fields that no schema speaks of are refused, unless it leaves room for them."""
    room = schema.get("additionalProperties", schema.get("patternProperties"))
    return not room if room is not None else "properties" in schema


def _errors(value: Any, schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        return [_described(error) for error in islice(errors_of(value, schema), MOST_PROBLEMS)]
    except (RecursionError, ArithmeticError, Unresolvable, PatternError):
        return [("", "they can't be checked")]


def _described(error: ValidationError) -> tuple[str, str]:
    path = [str(part) for part in error.absolute_path]
    said = error.message if len(error.message) <= LONGEST_PROBLEM else f"{error.message[:LONGEST_PROBLEM]}…"
    return (path[0] if path else ""), f"{said} (at {'.'.join(path)[:60]})" if len(path) > 1 else said


def _coerced(value: Any, schema: Any) -> Any:
    """The value as the schema wants it where it is the same value, else as it was."""
    if not isinstance(schema, Mapping):
        return value
    types = set(_types(schema))
    if isinstance(value, str) and "string" not in types:
        return _from_text(value, types)
    if isinstance(value, float) and "number" not in types and "integer" in types and value.is_integer():
        return int(value)
    if isinstance(value, list) and isinstance(items := schema.get("items"), Mapping):
        return [_coerced(item, items) for item in value]
    if isinstance(value, dict) and isinstance(inner := schema.get("properties"), Mapping):
        return {name: _coerced(item, inner.get(name)) for name, item in value.items()}
    return value


def _from_text(value: str, types: set[str]) -> Any:
    if "boolean" in types and value in BOOLEANS:
        return BOOLEANS[value]
    if types & {"integer", "number"} and INTEGER.match(value):
        return int(value)
    if "number" in types and NUMBER.match(value):
        return float(value)
    return value


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    """The types that a schema allows at its top; unknown where it only says so by other means."""
    named = schema.get("type")
    yield from [named] if isinstance(named, str) else named or ()
    for branch in (*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())):
        if isinstance(branch, Mapping):
            yield from _types(branch)


def _same(a: Any, b: Any) -> bool:
    """Equal in type too: to Python 3.0 is 3 and True is 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and bool(a == b)
