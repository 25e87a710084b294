"""How alike texts are: by their words, or by vectors that an embedding model made of them."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosines between −1 and 1: of each text to the question, and of two texts by their places."""

    to_question: Sequence[float]
    between: Callable[[int, int], float]


def by_words(texts: Sequence[str], question: str) -> Likeness:
    """TF-IDF (Salton and Buckley, 1988): words that are common to many of the texts count little."""
    counts = [_counts(text) for text in texts]
    frequency = Counter(word for one in counts for word in one)
    rarity = {word: math.log((1 + len(texts)) / (1 + found)) + 1 for word, found in frequency.items()}
    vectors = [_weighted(one, rarity) for one in counts]
    asked = _weighted(_counts(question), rarity)
    return Likeness([_dot(asked, vector) for vector in vectors], lambda a, b: _dot(vectors[a], vectors[b]))


def by_vectors(vectors: Sequence[Sequence[float]], question: Sequence[float]) -> Likeness:
    unit = [_normalised(vector) for vector in vectors]
    asked = _normalised(question)
    return Likeness([_product(asked, vector) for vector in unit], lambda a, b: _product(unit[a], unit[b]))


@lru_cache(maxsize=4096)
def _counts(text: str) -> Mapping[str, int]:
    return Counter(WORD.findall(text.casefold()))


def _weighted(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """A unit vector; words that no text has tell none of them from the others."""
    weights = {word: (1 + math.log(count)) * rarity[word] for word, count in counts.items() if word in rarity}
    return dict(zip(weights, _normalised(list(weights.values())), strict=True))


def _normalised(vector: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [0.0 for _ in vector]


def _dot(a: Mapping[Any, float], b: Mapping[Any, float]) -> float:
    fewer, more = (a, b) if len(a) <= len(b) else (b, a)
    return sum(value * more[key] for key, value in fewer.items() if key in more)


def _product(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=False))
