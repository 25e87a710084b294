"""Splitting text into sentences."""

import re
from collections.abc import Iterator
from typing import Final

_ABBREVIATIONS: Final = frozenset(
    re.split(
        r" ",
        "dr mr mrs ms st no e.g i.e vs etc approx c b d ca prof jr sr vol fig jan feb mar apr aug sept oct nov dec",
    )
)
_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_OPENING: Final = frozenset('"“„‘«([')
_STOP: Final = re.compile(r"[.!?。][\"”’»)\]]*(?:\s+(?=\S)|(?<=。)(?=\S))")
_LAST_WORD: Final = re.compile(r"(\S+)\.\Z")
_INITIALS: Final = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")


def sentences_of(text: str) -> list[str]:
    """Sentences in order: a line is never joined with the next; initials and abbreviations end none."""
    return [sentence for line in text.splitlines() for sentence in _sentences_of_line(line)]


def _sentences_of_line(line: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(line):
        if _begins_a_sentence(line[stop.end()]) and not _ends_in_abbreviation(line[start : stop.start() + 1]):
            yield line[start : stop.end()].strip()
            start = stop.end()
    if rest := line[start:].strip():
        yield rest


def _begins_a_sentence(character: str) -> bool:
    return character.isupper() or character.isdigit() or character in _OPENING or bool(_CJK.match(character))


def _ends_in_abbreviation(text: str) -> bool:
    last = _LAST_WORD.search(text)
    if last is None:
        return False
    word = last[1].lstrip('("“[')
    are_initials = word.isupper() and _INITIALS.fullmatch(word) is not None
    return are_initials or word.casefold() in _ABBREVIATIONS
