"""LaTeX in a reply, as far as it dresses up an answer: `\\text{…}`, `\\$`, thin spaces, the brackets of formulas."""

import re
from typing import Final

WRAPPED: Final = re.compile(r"\\(?:text(?:bf|it|rm|tt)?|math(?:rm|bf|it|tt|sf)|mbox|operatorname)\s?\{([^{}]{0,200})\}")
BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)(?:\\[,;:! ]|\{ \}|~)(?=\d{3})")
COMMA: Final = re.compile(r"(?<=\d)\{,\}(?=\d)")
SPACE: Final = re.compile(r"\\[,;:!]|\\q?quad\b")
MATHS: Final = re.compile(r"\\[()\[\]]|\\(?:left|right|displaystyle)\b")
TIMES: Final = re.compile(r"\\(?:times|cdot)\b")
NARROW: Final = "\u202f"


def without_latex(text: str) -> str:
    """The text without its dress. Fractions and boxes keep theirs: they carry the meaning."""
    if "\\" not in text and "~" not in text and "{" not in text:
        return text
    text = BETWEEN_DIGITS.sub(NARROW, COMMA.sub(",", text.replace(r"\$", "$").replace(r"\%", "%")))
    text = TIMES.sub("×", MATHS.sub("", SPACE.sub(" ", text)))
    return WRAPPED.sub(r"\1", text)
