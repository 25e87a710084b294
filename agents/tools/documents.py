"""An index over a collection of documents, in memory: exact titles, and full text ranked by BM25."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from agents.tools.readable import readable

# The usual constants of Okapi BM25 (Robertson and Zaragoza, 2009).
K1: Final = 1.2
B: Final = 0.75
# A word in the title says more about a document than one in its text.
TITLE_WEIGHT: Final = 4
LEAST_LIKENESS: Final = 0.4
LONGEST_TITLE: Final = 100

_QUALIFIER: Final = re.compile(r"\s*\([^()]*\)\Z")
_ARTICLE: Final = re.compile(r"\A(?:the|an?)\s+(?=\S)")
_WORD: Final = re.compile(r"\w+")
_STROKES: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"})
_STOP_WORDS: Final = frozenset(
    _WORD.findall(
        "a an and are as at be by did do does for from had has have he her his how i in into is it its of on or she "
        "than that the their they this to was were what when where which who whom whose why will with you"
    )
)


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    document: Document
    score: float


class DocumentIndex:
    """Finds documents by title and by their words. Never changes once made."""

    def __init__(self, documents: Iterable[tuple[str, str]]) -> None:
        self.documents = [Document(title, readable(text)) for title, text in documents]
        self._by_title = {folded(document.title): document for document in self.documents}
        self._by_bare_title: dict[str, list[Document]] = {}
        for document in self.documents:
            self._by_bare_title.setdefault(bare(document.title), []).append(document)
        self._counts = [_counts_of(document) for document in self.documents]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean_length = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0
        self._frequency = Counter(word for counts in self._counts for word in counts)

    def by_title(self, title: str) -> Document | None:
        """The document of exactly this title, whatever its case, accents and spacing."""
        return self._by_title.get(folded(title))

    def meanings(self, title: str) -> list[Document]:
        """The documents of this title but for an article before it and what stands in brackets behind it."""
        return self._by_bare_title.get(bare(title), [])

    def search(self, query: str, *, limit: int = 5) -> list[Hit]:
        """The best documents for the words of the query, best first; none when no word occurs."""
        words = words_of(query)
        hits = [Hit(document, self._score(place, words)) for place, document in enumerate(self.documents)]
        found = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.document.title))
        return found[:limit]

    def similar_titles(self, query: str, *, limit: int = 5) -> list[str]:
        """Titles that are spelled most like the query."""
        wanted = folded(query)[:LONGEST_TITLE]
        ratios = [(_likeness(wanted, title), document.title) for title, document in self._by_title.items()]
        return [
            title
            for ratio, title in sorted(ratios, key=lambda pair: (-pair[0], pair[1]))[:limit]
            if ratio > LEAST_LIKENESS
        ]

    def _score(self, place: int, words: list[str]) -> float:
        counts, length = self._counts[place], self._lengths[place]
        norm = K1 * (1 - B + B * length / self._mean_length)
        return sum(
            self._rarity(word) * counts[word] * (K1 + 1) / (counts[word] + norm) for word in words if counts[word]
        )

    def _rarity(self, word: str) -> float:
        frequency = self._frequency[word]
        return math.log(1 + (len(self.documents) - frequency + 0.5) / (frequency + 0.5))


def _likeness(wanted: str, title: str) -> float:
    """Between 0 and 1. The cheap upper bounds come first: most titles have nothing in common with the query."""
    matcher = SequenceMatcher(None, wanted, title[:LONGEST_TITLE])
    if matcher.real_quick_ratio() <= LEAST_LIKENESS or matcher.quick_ratio() <= LEAST_LIKENESS:
        return 0.0
    return matcher.ratio()


def folded(text: str) -> str:
    """Text without case, accents and surplus spaces, for comparing."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_STROKES).replace("–", "-"))
    return " ".join("".join(character for character in plain if not unicodedata.combining(character)).split())


def bare(title: str) -> str:
    """A title as people say it: “The Titan (moon)” is “titan”."""
    return _ARTICLE.sub("", _QUALIFIER.sub("", folded(title)))


def words_of(text: str) -> list[str]:
    """The words that carry meaning, in one form for singular and plural."""
    return [_stem(word) for word in _WORD.findall(folded(text)) if word not in _STOP_WORDS]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _counts_of(document: Document) -> Counter[str]:
    counts = Counter(words_of(document.text))
    for word in words_of(document.title):
        counts[word] += TITLE_WEIGHT
    return counts
