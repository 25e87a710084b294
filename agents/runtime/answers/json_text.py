"""The JSON of a reply, also where it is fenced, stands in prose, or is written the way Python writes it.

Repaired is only what has one meaning: a comma after the last entry, Python's literals and quotes, line breaks in
strings. Unquoted words, missing brackets and comments stay what they are: no JSON.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, NoReturn

FENCE: Final = re.compile(r"```[a-zA-Z0-9]*[ \t]*\n(.*?)```", re.DOTALL)
OPENING: Final = re.compile(r"[{\[]")
OBJECT: Final = re.compile(r"""\{\s*+["']""")
MOST_FOUND: Final = 500
MOST_MISSES: Final = 500  # brackets that open nothing: each may be read to the end of the text
MOST_REPAIRS: Final = 20  # one that never closes counts for five
LONGEST_REPAIRED: Final = 20_000  # characters
MOST_FENCES: Final = 100
DEEPEST: Final = 100  # levels; what is nested deeper can be read, but not written again
# An open string reaches to the end of the text: read from each of its escaped quotes anew, it would take for ever.
STRING: Final = r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|' + r"'(?:[^'\\]++|\\.)*+(?:'|\\?\Z)"
BRACKETS: Final = re.compile(rf"{STRING}|[{{}}\[\]]", re.DOTALL)
REPAIRABLE: Final = re.compile(rf"{STRING}|,(?=\s*+[}}\]])|\b(?:True|False|None)\b", re.DOTALL)
LITERALS: Final = {"True": "true", "False": "false", "None": "null", ",": ""}


@dataclass(frozen=True, slots=True)
class JsonFound:
    """The values in the order of the text. `flags` say how they were found: fence, prose, json_repaired.

    `cut` where nothing was found but a value that the text ends within.
    """

    values: tuple[Any, ...] = ()
    flags: frozenset[str] = frozenset()
    cut: bool = False


def json_found(text: str) -> JsonFound:
    """The whole of the text, else what is in its fences, else the objects and lists in its prose."""
    try:
        return JsonFound((strict(text),))
    except (ValueError, RecursionError):
        pass
    fences = [match[1].strip() for match in islice(FENCE.finditer(text), MOST_FENCES)]
    fenced = [found for inside in fences if (found := _repaired(inside))]
    if fenced:
        flags = frozenset({"fence"}).union(*(flags for _, flags in fenced))
        return JsonFound(tuple(value for value, _ in fenced), flags)
    return _embedded(text)


def strict(text: str) -> Any:
    """The value of a JSON text; ValueError also for numbers that JSON doesn't have and for nesting that is too deep."""
    return _shallow(STRICT.decode(text))


def canonical_json(value: Any) -> str:
    """JSON as it is compared: keys in order, no space; lone surrogates, which no encoding has, as question marks."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return written.encode("utf-8", "replace").decode()


def _shallow(value: Any) -> Any:
    if _too_deep(value):
        raise ValueError("nested too deeply")
    return value


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = list(chain.from_iterable(map(_children, level)))
    return bool(level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


STRICT: Final = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
LENIENT: Final = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite, strict=False)


def _repaired(text: str) -> tuple[Any, frozenset[str]] | None:
    """The one value that a text is, and whether it had to be repaired."""
    try:
        return strict(text), frozenset()
    except (ValueError, RecursionError):
        pass
    try:
        return _shallow(LENIENT.decode(REPAIRABLE.sub(_repair, text))), frozenset({"json_repaired"})
    except (ValueError, RecursionError):
        return None


def _repair(match: re.Match[str]) -> str:
    piece = match[0]
    if not (piece[0] == piece[-1] == "'" and len(piece) > 1):
        return LITERALS.get(piece, piece)
    inside = piece[1:-1].replace("\\'", "'")
    return '"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', inside) + '"'


def _embedded(text: str) -> JsonFound:
    values: list[Any] = []
    flags = {"prose"}
    cut = False
    for value, found_flags, whole in _objects(text):
        if value is _CUT:
            cut = True
            continue
        values.append(value)
        flags |= found_flags
        if whole:
            flags.discard("prose")
    return JsonFound(tuple(values), frozenset(flags)) if values else JsonFound(cut=cut)


_CUT: Final = object()


def _objects(text: str) -> Iterator[tuple[Any, frozenset[str], bool]]:
    """Each object or list, its flags, and whether it is all of the text; `_CUT` for one that the text ends within."""
    position = misses = repairs = found = 0
    end = len(text.rstrip())
    while misses < MOST_MISSES and found < MOST_FOUND and (opening := OPENING.search(text, position)):
        start = opening.start()
        try:
            value, position = STRICT.raw_decode(text, start)
            found += 1
            if not _too_deep(value):
                yield value, frozenset(), False
            continue
        except json.JSONDecodeError as error:
            if error.pos >= end or error.msg.startswith("Unterminated string"):
                yield _CUT, frozenset(), False
                return  # all that follows is inside of it
        except RecursionError:
            return  # thousands of brackets in a row
        except ValueError:
            pass
        position, misses = opening.end(), misses + 1
        if repairs >= MOST_REPAIRS:
            continue
        segment = _balanced(text, start)
        repairs += 1 if segment else MOST_REPAIRS // 4
        if segment is None and len(text) - start <= LONGEST_REPAIRED and OBJECT.match(text, start):
            yield _CUT, frozenset(), False
        elif segment and (repaired := _repaired(segment)):
            position = start + len(segment)
            yield *repaired, segment == text.strip()


def _balanced(text: str, start: int) -> str | None:
    """From an opening bracket to the one that closes it, strings respected; None where that is too far or never."""
    depth = 0
    for match in BRACKETS.finditer(text, start, start + LONGEST_REPAIRED):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return text[start : match.end()]
    return None
