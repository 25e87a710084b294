"""Splitting text into sentences."""

import re
from typing import Final

_ABBREVIATIONS: Final = frozenset(
    re.split(
        r" ",
        "dr mr mrs ms st no e.g i.e vs etc approx c b d ca prof jr sr vol fig jan feb mar apr aug sept oct nov dec",
    )
)
_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_END: Final = re.compile(rf"(?<=[.!?。])[\"”’»)\]]*\s+(?=[\"“„‘«(\[A-ZÀ-ÖØ-Þ0-9{_CJK}])|(?<=。)(?=\S)")
_LAST_WORD: Final = re.compile(r"(\S+)\.\Z")


def sentences_of(text: str) -> list[str]:
    """Sentences in order: a line is never joined with the next; initials and abbreviations end none."""
    return [sentence for line in text.splitlines() for sentence in _sentences_of_line(line)]


def _sentences_of_line(line: str) -> list[str]:
    sentences: list[str] = []
    start = 0
    for boundary in _END.finditer(line):
        if not _ends_in_abbreviation(line[start : boundary.start()]):
            sentences.append(line[start : boundary.end()].strip())
            start = boundary.end()
    return [sentence for sentence in (*sentences, line[start:].strip()) if sentence]


def _ends_in_abbreviation(text: str) -> bool:
    last = _LAST_WORD.search(text)
    if last is None:
        return False
    word = last[1].lstrip('("“[')
    return (len(word) == 1 and word.isupper()) or word.casefold() in _ABBREVIATIONS
