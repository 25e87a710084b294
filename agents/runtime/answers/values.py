"""The answers that stand in a text, in the order of the text: one reader per kind, each giving canonical values."""

import re
import string
from collections.abc import Callable, Sequence

from agents.runtime.answers.json_text import canonical_json, json_found
from agents.runtime.answers.numbers import numbers
from agents.runtime.answers.spec import Kind, OutputSpec
from agents.runtime.parsing.labels import LEAD

QUOTES = "\"'“”‘’«»`*"
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation + "“”‘’«»…¿¡"), " ")
SEPARATORS = r"[\s_-]+"
BETWEEN = re.compile(rf"(?<=[^\W_]){SEPARATORS}(?=[^\W_])")
YES_OR_NO = re.compile(r"(?<![\w'])(yes|no|true|false)(?![\w'])", re.IGNORECASE)


def normalised(text: str) -> str:
    """Text as answers are compared: case, punctuation, English articles and white space don't count."""
    plain = re.sub(r"\b(?:a|an|the)\b", " ", text.casefold().translate(PUNCTUATION))
    return " ".join(plain.split())


def lines(text: str, _: OutputSpec) -> list[str]:
    """An answer that is nothing but an article, such as the grade “A”, stands for itself."""
    said = (line for line in text.splitlines() if any(character.isalnum() for character in line))
    return [_compared(line) for line in said]


def _compared(line: str) -> str:
    plain = normalised(line)
    if any(character.isalnum() for character in plain):
        return plain
    return " ".join(line.casefold().translate(PUNCTUATION).split())


def choices(text: str, spec: OutputSpec) -> list[str]:
    """Stand-alone choices. A lower-case letter counts only where it can't be a word: `c)`, `(c)`, or alone."""
    names = _longest_first(spec.choices)
    bare = text.strip(f" \t\n.()[]{QUOTES}")
    return [
        _name_of(match, names)
        for match in re.finditer(rf"(?<!\w)(?:{_any_of(names)})(?!\w|['’]\w)", text, re.IGNORECASE)
        if match[0] in spec.choices or len(match[0]) > 1 or match[0] == bare or text.startswith(")", match.end())
    ]


def unmarked_choices(text: str, spec: OutputSpec) -> list[str]:
    """Choices where nothing announces them: in brackets, or a whole reply that starts with `B)` or is `B`."""
    names = _longest_first(spec.choices)
    bracketed = list(re.finditer(rf"\((?:{_any_of(names)})\)", text, re.IGNORECASE))
    opening = re.match(rf"\W*(?:{_any_of(names)})(?:[).:]|\W*\Z)", text, re.IGNORECASE)
    return [_name_of(match, names) for match in bracketed or ([opening] if opening else [])]


def booleans(text: str, _: OutputSpec) -> list[str]:
    return ["yes" if word.lower() in ("yes", "true") else "no" for word in YES_OR_NO.findall(text)]


def unmarked_booleans(text: str, spec: OutputSpec) -> list[str]:
    """The first word if it is one of these, else the last one in the text."""
    found = booleans(text, spec)
    lead = re.match(rf"\s*{LEAD}[\s(\[{QUOTES}]*", text)
    opening = YES_OR_NO.match(text, lead.end() if lead else 0)
    return found[:1] if opening else found


def labels(text: str, spec: OutputSpec) -> list[str]:
    """Labels of the closed vocabulary; longer ones win where they overlap (`not spam` before `spam`)."""
    names = _longest_first(spec.labels)
    found = re.finditer(rf"(?<!\w)(?:{_any_of(names)})(?!\w)", text, re.IGNORECASE)
    return [_name_of(match, names) for match in found]


def _longest_first(names: Sequence[str]) -> list[str]:
    return sorted(names, key=len, reverse=True)


def _any_of(names: Sequence[str]) -> str:
    """A group for each name. What stands between its words may be a space, a hyphen or an underscore."""
    spelled = (SEPARATORS.join(map(re.escape, BETWEEN.split(name))) for name in names)
    return "|".join(f"({name})" for name in spelled)


def _name_of(match: re.Match[str], names: Sequence[str]) -> str:
    """By its group, as letters such as İ and ı change their length or their like when their case is folded."""
    return names[(match.lastindex or 1) - 1]


def json_values(text: str, _: OutputSpec) -> list[str]:
    return [canonical_json(value) for value in json_found(text).values]


Reader = Callable[[str, OutputSpec], Sequence[str]]
READERS: dict[Kind, Reader] = {
    "text": lines,
    "number": lambda text, _: list(numbers(text)),
    "choice": choices,
    "boolean": booleans,
    "label": labels,
    "json": json_values,
}
