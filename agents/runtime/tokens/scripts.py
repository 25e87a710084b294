"""Tokens of a text by its script: a tokenizer packs English tightly, code less so, and some scripts hardly at all."""

import re
from functools import lru_cache
from math import ceil

ASCII_CHARACTERS = 4.0  # a token
CODE_CHARACTERS = 3.0
OTHER_CHARACTERS = 1.5
CJK_CHARACTERS = 1.0
CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)
FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
# Of all characters; prose has about one in a hundred of these, JSON and programs one in ten.
SIGNS, SHARE_OF_SIGNS = '{}[]()<>=;_"', 0.06
LOOKED_AT = 4000
REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)
# What the tightest tokenizers make of long words and of scripts that they were trained on.
MOST_CHARACTERS, MOST_CJK_CHARACTERS = 5.0, 2.0
# A longer text is counted anew each time: the cache must not hold every document that ever passed.
LONGEST_CACHED = 8000


def estimated(text: str) -> int:
    """About how many tokens; 0 for an empty text."""
    return _counted(text) if len(text) <= LONGEST_CACHED else _count(text)


def estimated_code(text: str) -> int:
    """About how many tokens of a text that is known to be code, such as JSON."""
    return ceil(_weigh(text, CODE_CHARACTERS))


def fewest(text: str) -> int:
    """So many tokens the text has with any tokenizer; runs of the same character may be a token each."""
    plain = REPEATED.sub(" ", text)
    cjk = len(plain) - len(CJK.sub("", plain))
    return int((len(plain) - cjk) / MOST_CHARACTERS + cjk / MOST_CJK_CHARACTERS)


def _count(text: str) -> int:
    if "```" in text:
        prose = FENCED.sub("", text)
        code = "".join(FENCED.findall(text))
        return ceil(_weigh(prose, _characters_of(prose)) + _weigh(code, CODE_CHARACTERS))
    return ceil(_weigh(text, _characters_of(text)))


_counted = lru_cache(maxsize=2048)(_count)


def _weigh(text: str, ascii_characters: float) -> float:
    if text.isascii():
        return len(text) / ascii_characters
    plain = len(text.encode("ascii", "ignore"))
    cjk = len(text) - len(CJK.sub("", text))
    return plain / ascii_characters + cjk / CJK_CHARACTERS + (len(text) - plain - cjk) / OTHER_CHARACTERS


def _characters_of(text: str) -> float:
    beginning = text[:LOOKED_AT]
    signs = sum(beginning.count(sign) for sign in SIGNS)
    return CODE_CHARACTERS if signs > len(beginning) * SHARE_OF_SIGNS else ASCII_CHARACTERS
