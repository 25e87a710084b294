"""Calls written as JSON, and JSON written badly."""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

from agents.runtime.parsing.strict_json import TOO_DEEP, is_too_deep

# An object, or a list that begins with one: after white space, in a fence, or at the start of a line.
OPENING = re.compile(r"^[ \t]*+(?:```[a-z_]*[ \t]*+\n?[ \t]*+)?(?=\{|\[\s*+\{)", re.MULTILINE)
KEYS = (("action", "action_input"), ("tool", "tool_input"), ("name", "arguments"), ("tool", "input"))
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
# Longer texts are no arguments, and parsing Python literals of any size is not free of risk.
MAX_REPAIRED = 20_000
MOST_OPENINGS = 20  # each may be read to the end of the text: a reply of nothing but brackets must not take for ever


@dataclass(frozen=True, slots=True)
class Call:
    """A tool and its input as one JSON object said it; `start` is where it begins in the text."""

    tool: str
    input: Any
    start: int


def call_in(text: str) -> Call | None:
    """The first JSON call of a text, also one that stands in an object as its `call`."""
    for match in islice(OPENING.finditer(text), MOST_OPENINGS):
        value, _ = read_object(text[match.end() :])
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, Mapping) and isinstance(value.get("call"), Mapping):
            value = value["call"]
        for tool_key, input_key in KEYS:
            if isinstance(value, Mapping) and isinstance(value.get(tool_key), str) and input_key in value:
                return Call(value[tool_key], value[input_key], match.start())
    return None


def read_object(text: str) -> tuple[Any, bool]:
    """The JSON value at the start of a text, and whether it had to be repaired; None when there is none."""
    text = text.strip()
    try:
        return _only_json(json.loads(text)), False
    except (ValueError, RecursionError):
        pass
    segment = balanced(text[:MAX_REPAIRED])
    for read in (_with_line_ends, lambda s: _with_line_ends(TRAILING_COMMA.sub(r"\1", s)), ast.literal_eval):
        try:
            return _only_json(read(segment)), True
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None, False


def _with_line_ends(text: str) -> Any:
    """Models write the lines of a text as they are, where JSON wants them escaped."""
    return json.loads(text, strict=False)


def _only_json(value: Any) -> Any:
    """The value, if JSON can say it: neither NaN nor what only Python has, such as bytes and sets. Else ValueError."""
    if is_too_deep(value):
        raise ValueError(TOO_DEEP)
    _check_json(value)
    return value


def _check_json(value: Any) -> None:
    match value:
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key that is no text")
            for inner in value.values():
                _check_json(inner)
        case list():
            for inner in value:
                _check_json(inner)
        case None | bool() | int() | str():
            pass
        case float() if isfinite(value):
            pass
        case _:
            raise ValueError("no JSON")


def balanced(text: str) -> str:
    """From an opening bracket at the start to the one that closes it, strings respected."""
    depth, quote, skip = 0, "", False
    for index, character in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return text[: index + 1]
        if depth == 0 and not quote:
            return ""
    return ""


def problem_of(text: str) -> str:
    """What is wrong with a JSON text, for the model that wrote it."""
    try:
        is_deep = is_too_deep(json.loads(text))
    except ValueError as error:
        return str(error)
    except RecursionError:
        return TOO_DEEP
    return TOO_DEEP if is_deep else "it is not an object"
