"""Regular expressions that staff write, matched by RE2: in time linear in the text, so that none holds up the process.

RE2 reads `\\w`, `\\d` and `\\s` as ASCII, where people mean letters of any language: they are written out for it. It
has no look-around and no back-references (both need backtracking), and `\\b` knows only the borders of ASCII words.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import re2

TOKEN: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)|\[\^?\]?|\]", re.DOTALL)
CLASSES: Final = {"w": r"\p{L}\p{N}_", "s": r"\s\v\x1c-\x1f\x{85}\p{Z}"}
BACKTRACKING: Final = re.compile(r"\(\?(?:[=!(]|<[=!])|\\[1-9k]|\(\?P=")


class PatternError(ValueError):
    """A pattern that can't be used; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match: all of it, and its first group, None where the pattern has none or it took no part."""

    whole: str
    group: str | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern with `groups` capturing groups."""

    groups: int
    _compiled: Any

    def search(self, text: str) -> Found | None:
        """The first match in a text. Lone surrogates, which no encoding has, count as question marks."""
        match = self._compiled.search(text.encode("utf-8", "replace").decode())
        return None if match is None else Found(match[0], match[1] if self.groups else None)


def compile_pattern(pattern: str, *, ignore_case: bool = False, multiline: bool = False) -> Pattern:
    """The pattern as written in Python's syntax, or PatternError with what to do instead."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    written = ("(?m)" if multiline else "") + _for_re2(pattern)
    try:
        compiled = re2.compile(written, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(_sentence(pattern, error)) from None
    return Pattern(compiled.groups, compiled)


def _for_re2(pattern: str) -> str:
    """Python's escapes as RE2 writes them."""
    inside = False

    def rewritten(match: re.Match[str]) -> str:
        nonlocal inside
        code, escaped, bracket = match[1], match[2], match[0]
        if code:
            return rf"\x{{{code}}}"
        if escaped:
            return _escape(escaped, inside=inside)
        if inside:
            inside = not bracket.endswith("]")
            return f"\\{bracket}" if bracket.startswith("[") else bracket
        inside = bracket.startswith("[")
        return bracket

    return TOKEN.sub(rewritten, pattern)


def _escape(letter: str, *, inside: bool) -> str:
    """One escape. Negated ones keep their ASCII meaning inside brackets, where RE2 can't negate a union."""
    match letter:
        case "d":
            return r"\p{Nd}"
        case "D":
            return r"\P{Nd}"
        case "w" | "s":
            return CLASSES[letter] if inside else f"[{CLASSES[letter]}]"
        case "W" | "S" if not inside:
            return f"[^{CLASSES[letter.lower()]}]"
        case "Z":
            return r"\z"
    return f"\\{letter}"


def _sentence(pattern: str, error: Exception) -> str:
    if BACKTRACKING.search(pattern):
        return (
            f"“{pattern}” uses look-around or a back-reference, which aren't available, so that no expression can "
            "hang on a long text: put a group around what counts instead."
        )
    reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else "it has lone surrogates"
    return f"“{pattern}” is no regular expression: {reason}."
