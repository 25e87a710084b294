"""JSON as the standard has it, and the few ways in which models miss it that still mean only one thing."""

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, NoReturn

# A string in either kind of quotes, or what stands between strings.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'|[^"\']++', re.DOTALL)
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
ESCAPED_OR_QUOTE = re.compile(r'\\.|"', re.DOTALL)
PYTHON_LITERAL = re.compile(r"\b(?:True|False|None)\b")
MOST_NESTED = 64
TOO_DEEP = "it is nested too deeply"
JSON_LITERALS = {"True": "true", "False": "false", "None": "null"}


def loads(text: str, flags: set[str]) -> Any:
    """The value of a JSON text, without NaN and infinities. Raises ValueError; a key given twice adds a flag."""

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(pairs)
        if len(known) < len(pairs):
            flags.add("duplicate_key")
        return known

    try:
        value = json.loads(text, object_pairs_hook=fields, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if is_too_deep(value):
        raise ValueError(TOO_DEEP)
    return value


def is_too_deep(value: Any) -> bool:
    """Whether whoever goes through it step by step, as checks of a schema do, would run out of stack."""
    level = [value]
    for _ in range(MOST_NESTED):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def repaired(text: str, flags: set[str]) -> tuple[Any, str]:
    """The object or list at the start of a text, repaired where needed, and what follows it. Raises ValueError."""
    if not text.startswith(("{", "[")):
        raise ValueError("it does not begin with a brace")
    pieces: list[str] = []
    depth = position = 0
    while depth or not pieces:
        token = TOKEN.match(text, position)
        if token is None:
            raise ValueError("a string or a brace is not closed")
        piece, depth = _up_to_end(token[0], depth)
        pieces.append(_repaired(piece))
        position += len(piece)
    return loads("".join(pieces), flags), text[position:]


def _up_to_end(token: str, depth: int) -> tuple[str, int]:
    """The token, or its part up to the bracket that closes the first one."""
    if token[0] in "\"'":
        return token, depth
    for index, character in enumerate(token):
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return token[: index + 1], 0
    return token, depth


def _repaired(piece: str) -> str:
    if piece[0] == '"':
        return piece
    if piece[0] == "'":
        return f'"{ESCAPED_OR_QUOTE.sub(_requoted, piece[1:-1])}"'
    piece = TRAILING_COMMA.sub(r"\1", piece)
    return PYTHON_LITERAL.sub(lambda match: JSON_LITERALS[match[0]], piece)


def _requoted(match: re.Match[str]) -> str:
    """Within double quotes a single one needs no backslash, and a double one does."""
    return {"\\'": "'", '"': '\\"'}.get(match[0], match[0])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value
