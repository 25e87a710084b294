"""Where a reply announces its answer: `Answer:`, `the answer is`, `####`, `\\boxed{`, or the prompt's own label."""

import re
from dataclasses import dataclass

# Up to the next pair and no further than 400 characters: unpaired marks are many. Names in code keep their lines.
BOLD = re.compile(
    r"(?<![\w*])\*\*(?=\S)((?:[^*\n]|\*(?!\*)){1,400}?)(?<=\S)\*\*(?![\w*])"
    r"|(?<![\w*`])__(?=\S)((?:[^_\n]|_(?!_)){1,400}?)(?<=\S)__(?![\w*`])"
)
ITALIC = re.compile(r"(?<![\w*`])_(?=[^\s_])([^_\n]{1,400})(?<=\S)_(?![\w*`])")
NOTHING = re.compile(r"[\s*_`]*")
MARK = r"\banswer\s*(?:\bis\b(?:\s*[:：])?|[:：=])|####|\\boxed\{"


@dataclass(frozen=True, slots=True)
class Marked:
    """What follows the last mark that something follows; inside the braces for `\\boxed`."""

    text: str

    @property
    def first_line(self) -> str:
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


def without_bold(text: str) -> str:
    """And without italics by an underscore, which would be part of a word; a star is none."""
    return ITALIC.sub(r"\1", BOLD.sub(r"\1\2", text))


def after_mark(text: str, label: str = "") -> Marked | None:
    """What stands after the last mark of the text, or None when there is none. Others may follow it and be empty."""
    pattern = f"{re.escape(label)}|{MARK}" if label else MARK
    found, end = list(re.finditer(pattern, text, re.IGNORECASE)), len(text)
    while len(found) > 1 and NOTHING.fullmatch(text, found[-1].end(), end):
        end = found.pop().start()
    if not found:
        return None
    last = found[-1]
    rest = text[last.end() : end]
    return Marked(_inside_braces(rest) if last[0].startswith("\\boxed") else rest)


def _inside_braces(text: str) -> str:
    depth = 1
    for index, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[:index]
    return text
