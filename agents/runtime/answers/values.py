"""The answers that stand in a text, in the order of the text: one reader per kind, each giving canonical values."""

import re
import string
from collections.abc import Callable, Sequence

from agents.runtime.answers.json_text import canonical_json, json_found
from agents.runtime.answers.numbers import numbers
from agents.runtime.answers.spec import Kind, OutputSpec

QUOTES = "\"'“”‘’«»`*"
PUNCTUATION = dict.fromkeys(map(ord, string.punctuation + "“”‘’«»…¿¡"), " ")
YES_OR_NO = re.compile(r"(?<![\w'])(yes|no|true|false)(?![\w'])", re.IGNORECASE)


def normalised(text: str) -> str:
    """Text as answers are compared: case, punctuation, English articles and white space don't count."""
    plain = re.sub(r"\b(?:a|an|the)\b", " ", text.casefold().translate(PUNCTUATION))
    return " ".join(plain.split())


def lines(text: str, _: OutputSpec) -> list[str]:
    """An answer that is nothing but an article, such as the grade “A”, stands for itself."""
    said = (line for line in text.splitlines() if any(character.isalnum() for character in line))
    return [normalised(line) or " ".join(line.casefold().translate(PUNCTUATION).split()) for line in said]


def choices(text: str, spec: OutputSpec) -> list[str]:
    """Stand-alone choices. A lower-case letter counts only where it can't be a word: `c)`, `(c)`, or alone."""
    names = {choice.casefold(): choice for choice in spec.choices}
    listed = "|".join(re.escape(name) for name in sorted(spec.choices, key=len, reverse=True))
    bare = text.strip(f" \t\n.()[]{QUOTES}")
    return [
        names[match[0].casefold()]
        for match in re.finditer(rf"(?<!\w)(?:{listed})(?!\w|['’]\w)", text, re.IGNORECASE)
        if match[0] in spec.choices or len(match[0]) > 1 or match[0] == bare or text.startswith(")", match.end())
    ]


def unmarked_choices(text: str, spec: OutputSpec) -> list[str]:
    """Choices where nothing announces them: in brackets, or a whole reply that starts with `B)` or is `B`."""
    listed = "|".join(re.escape(name) for name in sorted(spec.choices, key=len, reverse=True))
    bracketed = re.findall(rf"\(({listed})\)", text, re.IGNORECASE)
    opening = re.match(rf"\W*({listed})(?:[).:]|\W*\Z)", text, re.IGNORECASE)
    names = {choice.casefold(): choice for choice in spec.choices}
    return [names[name.casefold()] for name in bracketed or (opening.groups() if opening else ())]


def booleans(text: str, _: OutputSpec) -> list[str]:
    return ["yes" if word.lower() in ("yes", "true") else "no" for word in YES_OR_NO.findall(text)]


def unmarked_booleans(text: str, spec: OutputSpec) -> list[str]:
    """The first word if it is one of these, else the last one in the text."""
    found = booleans(text, spec)
    opening = YES_OR_NO.match(text.lstrip(f" \t\n{QUOTES}"))
    return found[:1] if opening else found


def labels(text: str, spec: OutputSpec) -> list[str]:
    """Labels of the closed vocabulary; longer ones win where they overlap (`not spam` before `spam`)."""
    names = {label.casefold(): label for label in spec.labels}
    listed = "|".join(re.escape(name) for name in sorted(spec.labels, key=len, reverse=True))
    return [names[match.casefold()] for match in re.findall(rf"(?<!\w)(?:{listed})(?!\w)", text, re.IGNORECASE)]


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
