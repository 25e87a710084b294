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
CHOSEN = r"\b(?i:(?:options?|choices?|choose|chose|select|pick)(?: (?:is|would be))?)(?:[:：]|\b)[\s(\[]*"
SEPARATORS = r"[\s_-]+"
BETWEEN = re.compile(rf"(?<=[^\W_]){SEPARATORS}(?=[^\W_])")
NEGATED = re.compile(
    r"(?:\b(?:not|neither|nor|rather than|instead of)|n['’]t)\s+(?:be |an? |the )?(?:option |choice )?"
    rf"[{re.escape(QUOTES)}(]*\Z",
    re.IGNORECASE,
)
LONGEST_NEGATION = 40
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
        if not _is_negated(match)
    ]


def unmarked_choices(text: str, spec: OutputSpec) -> list[str]:
    """Choices where no mark announces them: in brackets, or `option B`, or a reply that starts with `B)` or is `B`."""
    names = _longest_first(spec.choices)
    bracketed = re.finditer(rf"\((?:{_any_of(names)})\)", text, re.IGNORECASE)
    named = re.finditer(rf"{CHOSEN}(?:{_any_of(names)})(?![\w'’])", text)
    opening = re.match(rf"\W*(?:{_any_of(names)})(?:[).:]|\W*\Z)", text, re.IGNORECASE)
    for found in (bracketed, [opening] if opening else [], named):
        if said := [_name_of(match, names) for match in found if not _is_negated(match)]:
            return said
    return []


def booleans(text: str, _: OutputSpec) -> list[str]:
    """Yes and no, and true and false, which may be negated."""
    return ["yes" if _affirms(match) else "no" for match in YES_OR_NO.finditer(text)]


def _affirms(match: re.Match[str]) -> bool:
    said = match[1].lower()
    return (said in ("yes", "true")) != (said in ("true", "false") and _is_negated(match))


def unmarked_booleans(text: str, spec: OutputSpec) -> list[str]:
    """The first word if it is one of these, else the last one in the text."""
    found = booleans(text, spec)
    opening = YES_OR_NO.match(text, _begin(text))
    return found[:1] if opening else found


def _begin(text: str) -> int:
    """Where the first word stands, behind list marks, brackets and quotes."""
    lead = re.match(rf"\s*{LEAD}[\s(\[{QUOTES}]*", text)
    return lead.end() if lead else 0


def labels(text: str, spec: OutputSpec) -> list[str]:
    """Labels of the closed vocabulary that aren't negated; longer ones win where they overlap (`not spam`, `spam`)."""
    names = _longest_first(spec.labels)
    found = re.finditer(rf"(?<!\w)(?:{_any_of(names)})(?!\w)", text, re.IGNORECASE)
    return [_name_of(match, names) for match in found if not _is_negated(match)]


def unmarked_labels(text: str, spec: OutputSpec) -> list[str]:
    """The label that the text opens with, as one answers a question, else all of them."""
    names = _longest_first(spec.labels)
    opening = re.compile(rf"(?:{_any_of(names)})(?=[)\]{QUOTES}]*(?:[.,:;!?\n]|\s[-–—]\s|\s*\Z))", re.IGNORECASE)
    found = opening.match(text, _begin(text))
    return [_name_of(found, names)] if found else labels(text, spec)


def _is_negated(match: re.Match[str]) -> bool:
    """Whether the text says right before it that this isn't the answer."""
    start = match.start()
    return NEGATED.search(match.string[max(0, start - LONGEST_NEGATION) : start]) is not None


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
