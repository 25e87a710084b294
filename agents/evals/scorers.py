"""Scorers: pure functions from an expected value and an output to a number between 0 (wrong) and 1 (right)."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from agents.runtime.answers import Extraction, OutputSpec, canonical
from agents.runtime.answers.patterns import Pattern, PatternError, compile_pattern

ABS: Final = Fraction(1, 1_000_000)


class ScorerError(ValueError):
    """A scorer that can't be used as written; the sentence says what to write instead."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a version answered: the whole reply, and what was extracted from it."""

    text: str
    answer: Extraction


@dataclass(frozen=True, slots=True)
class Score:
    value: float
    detail: str = ""


Compare = Callable[[Any, Output, OutputSpec], Score]


@dataclass(frozen=True, slots=True)
class Scorer:
    """A named comparison. Scores range from 0 to 1; a trial passes at or above the threshold."""

    name: str
    compare: Compare
    threshold: float = 1.0
    needs_expected: bool = True

    def score(self, expected: Any, output: Output, spec: OutputSpec) -> Score:
        """The best score over the expected values: a list means that any of them is right."""
        values = expected if isinstance(expected, list) else [expected]
        return max((self.compare(value, output, spec) for value in values), key=lambda score: score.value)


def parse_scorer(name: str) -> Scorer:
    """The scorer of a name such as `exact` or `numeric:abs=0.5,rel=0.01`."""
    kind, _, options = name.strip().partition(":")
    if kind not in SCORERS:
        raise ScorerError(f"There is no scorer “{kind}”. Scorers: {', '.join(SCORERS)}.")
    return SCORERS[kind](name.strip(), options)


def default_scorer(output_kind: str) -> str:
    """The scorer that fits a kind of output, for when none is named."""
    return {"number": "numeric", "json": "json"}.get(output_kind, "normalized")


def _exact(expected: Any, output: Output, spec: OutputSpec) -> Score:
    """1 when the answer is spelled just as expected, else 0."""
    return _verdict(output.answer.shown.strip() == _text(expected).strip(), expected, output)


def _normalized(expected: Any, output: Output, spec: OutputSpec) -> Score:
    """1 when both have the same canonical form (case, articles and punctuation don't count in text), else 0."""
    wanted = canonical(expected, spec)
    return _verdict(wanted is not None and output.answer.value == wanted, expected, output)


def _contains(expected: Any, output: Output, spec: OutputSpec) -> Score:
    """1 when the expected text occurs anywhere in the reply, whatever its case, else 0."""
    return _verdict(_folded(_text(expected)) in _folded(output.text), expected, output)


def _same_word(expected: Any, output: Output, spec: OutputSpec) -> Score:
    """1 when the chosen letter or label is the expected one, whatever its case, else 0."""
    wanted = canonical(expected, spec) or _text(expected)
    return _verdict(_folded(output.answer.value or "") == _folded(wanted), expected, output)


def _same_json(expected: Any, output: Output, spec: OutputSpec) -> Score:
    """1 when both are the same JSON value (key order and 1 against 1.0 don't count), else 0."""
    wanted = _parsed(expected) if isinstance(expected, str) else expected
    return _verdict(_equal_json(_parsed(output.answer.value), wanted), expected, output)


def _plain(compare: Compare) -> Callable[[str, str], Scorer]:
    def make(name: str, options: str) -> Scorer:
        if options:
            raise ScorerError(f"The scorer {name.partition(':')[0]} takes no options.")
        return Scorer(name, compare)

    return make


def _regex(name: str, options: str) -> Scorer:
    """`regex:PATTERN`: its first group must be the expected text, or it must just match when it has no group.

    Without a pattern, each case's expected value is one. Range: 0 or 1.
    """
    pattern = _compiled(options) if options else None

    def compare(expected: Any, output: Output, spec: OutputSpec) -> Score:
        found = (pattern or _compiled(_text(expected))).search(output.text)
        if found is None:
            return Score(0.0, "no match")
        if pattern is None or not pattern.groups:
            return Score(1.0)
        return _verdict(_folded(found.group or "") == _folded(_text(expected)), expected, output)

    return Scorer(name, compare, needs_expected=pattern is None or pattern.groups > 0)


def _numeric(name: str, options: str) -> Scorer:
    """`numeric:abs=A,rel=R`: 1 when the numbers differ by at most A, or by R times the expected one; else 0."""
    tolerances = {"abs": ABS, "rel": Fraction(0)}
    for option in filter(None, options.split(",")):
        key, _, text = option.partition("=")
        value = _number(text)
        if key.strip() not in tolerances or value is None or value < 0:
            raise ScorerError("Options of numeric are abs=NUMBER and rel=NUMBER, as in numeric:abs=0.01.")
        tolerances[key.strip()] = value

    def compare(expected: Any, output: Output, spec: OutputSpec) -> Score:
        wanted, got = number_of(expected), number_of(output.answer.value)
        if wanted is None or got is None:
            return Score(0.0, f"expected {_text(expected)}: not a number")
        close = abs(got - wanted) <= max(tolerances["abs"], tolerances["rel"] * abs(wanted))
        return Score(float(close), "" if got == wanted else f"off by {float(abs(got - wanted)):g}")

    return Scorer(name, compare)


SCORERS: Final[Mapping[str, Callable[[str, str], Scorer]]] = MappingProxyType(
    {
        "exact": _plain(_exact),
        "normalized": _plain(_normalized),
        "contains": _plain(_contains),
        "regex": _regex,
        "numeric": _numeric,
        "choice": _plain(_same_word),
        "label": _plain(_same_word),
        "json": _plain(_same_json),
    }
)


def number_of(value: Any) -> Fraction | None:
    """A number as written in a case or brought to canonical form, or None."""
    return None if value is None or isinstance(value, bool) else _number(_text(value))


def absolute_error(expected: Any, value: str | None) -> float | None:
    """How far an answer is from the nearest expected number; None where either is no number."""
    got = number_of(value)
    if got is None:
        return None
    wanted = [number_of(item) for item in (expected if isinstance(expected, list) else [expected])]
    distances = [abs(got - item) for item in wanted if item is not None]
    return float(min(distances)) if distances else None


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", "").replace("−", "-").strip()) if len(text) <= 400 else None
    except (ValueError, ZeroDivisionError):
        return None


def _verdict(right: bool, expected: Any, output: Output) -> Score:
    return Score(1.0) if right else Score(0.0, f"expected {_text(expected)}"[:300])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _compiled(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern, ignore_case=True, multiline=True)
    except PatternError as error:
        raise ScorerError(str(error)) from None


class _NoJson:
    """What text that isn't JSON is read as: equal to nothing."""


def _parsed(text: str | None) -> Any:
    try:
        return _NoJson() if text is None else json.loads(text)
    except ValueError:
        return _NoJson()


def _equal_json(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal_json(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal_json, left, right))
    # Python calls True and 1 equal; JSON doesn't.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
