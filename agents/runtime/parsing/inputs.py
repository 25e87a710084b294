"""A tool's input as the tool needs it: text without wrapping, code with its indentation, or an object."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.parsing.json_forms import problem_of, read_object
from agents.runtime.tools import InputKind

FENCE = re.compile(
    r"\A(?P<fence>```|~~~)[\w+-]*[ \t]*\n(?P<inside>.*?)(?:(?:(?<=\n)|\n)[ \t]*(?P=fence)[ \t]*(?:\n.*)?|\n?)\Z"
    r"|\A```(?:(?:python|py|bash|sh|sql|json|text)[ \t]+)?(?P<line>[^`\n]+)```\Z",
    re.DOTALL,
)
IN_LINE_CODE = re.compile(r"`(?P<code>[^`\n]+)`\Z")
QUOTES = (('"""', '"""'), ("'''", "'''"), ('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("«", "»"))
KEYWORD = re.compile(r"\A\w+\s*=\s*(?=[\"'])")
WRAPPERS = frozenset({"input", "query", "q", "action_input", "tool_input"})
NOTHING = frozenset({"", "{}", "none", "null", "n/a"})


@dataclass(frozen=True, slots=True)
class Input:
    """A usable `value`, or the retry `code` of one that isn't."""

    value: Any = ""
    flags: frozenset[str] = frozenset()
    code: str = ""
    problem: str = ""


def read_input(raw: Any, kind: InputKind) -> Input:
    """`raw` is text from behind a label, or what a JSON call gave."""
    match kind:
        case "none":
            return Input()
        case "code":
            return _code(raw)
        case "schema":
            return _object(raw)
        case "text":
            return _text(raw)


def _code(raw: Any) -> Input:
    inside, fenced = unfenced(_drop_blank_lines(as_text(raw)))
    code = _drop_blank_lines(inside)
    if in_line := IN_LINE_CODE.match(code):
        code, fenced = in_line["code"], frozenset({"unquoted"})
    if not code.strip():
        return Input(code="missing_action_input")
    return Input(code, fenced)


def _text(raw: Any) -> Input:
    if isinstance(raw, Mapping):
        value, flags = unwrapped(raw)
    else:
        inside, fenced = unfenced(as_text(raw).strip())
        value, quoted = unquoted(inside.strip())
        parsed = read_object(value)[0] if value.startswith("{") else None
        flags = fenced | quoted
        if isinstance(parsed, Mapping) and unwrapped(parsed)[1]:
            value, flags = unwrapped(parsed)
    if value.strip().lower() in NOTHING:
        return Input(code="missing_action_input")
    return Input(value.strip(), flags)


def _object(raw: Any) -> Input:
    if isinstance(raw, Mapping):
        return Input(dict(raw))
    text, fenced = unfenced(as_text(raw).strip())
    if not text.strip():
        return Input(code="missing_action_input")
    value, repaired = read_object(text)
    if not isinstance(value, Mapping):
        return Input(code="invalid_json_input", problem=problem_of(text))
    return Input(dict(value), fenced | (frozenset({"json_repaired"}) if repaired else frozenset()))


def unfenced(text: str) -> tuple[str, frozenset[str]]:
    """The inside of the code fence that the text begins with, also of one that a stop sequence left open.

    What follows it explains it.
    """
    match = FENCE.match(text)
    if match is None:
        return text, frozenset()
    return match["inside"] if match["line"] is None else match["line"], frozenset({"fence_stripped"})


def unquoted(text: str) -> tuple[str, frozenset[str]]:
    """The inside of one pair of quotes around the whole; quotes inside mean that the outer ones belong to it."""
    for opening, closing in QUOTES:
        inside = text[len(opening) : -len(closing)]
        whole = text.startswith(opening) and text.endswith(closing) and len(text) >= len(opening) + len(closing)
        if whole and opening not in inside and closing not in inside:
            return inside, frozenset({"unquoted"})
    return text, frozenset()


def unwrapped(fields: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """The value of an object that wraps a single one, else the object as JSON."""
    if len(fields) == 1 and (key := next(iter(fields))) in WRAPPERS and not isinstance(fields[key], dict | list):
        return as_text(fields[key]), frozenset({"json_unwrapped"})
    return json.dumps(fields, ensure_ascii=False), frozenset()


def as_text(raw: Any) -> str:
    if raw is None:
        return ""
    return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)


def _drop_blank_lines(text: str) -> str:
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()
