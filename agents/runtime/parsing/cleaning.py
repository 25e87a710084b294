"""What is taken off a reply before its labels are read: thinking blocks, a fence around everything, too much text."""

import re

from agents.runtime.parsing.labels import REACT, Labels
from agents.runtime.parsing.sections import split
from agents.runtime.parsing.thinking import without_thinking

MAX_CHARACTERS = 256 * 1024
OUTER_FENCE = re.compile(r"```(?:text|markdown|md)?[ \t]*\n")


def clean(text: str, labels: Labels = REACT) -> tuple[str, set[str]]:
    """The text that the grammar sees, and flags for what was taken off."""
    flags: set[str] = set()
    if len(text) > MAX_CHARACTERS:
        text, flags = text[:MAX_CHARACTERS], {"truncated_tail"}
    text = text.replace("\r\n", "\n")
    without = without_thinking(text)
    if without != text:
        text = without
        flags.add("think_tags")
    inside = _inside_fence(text.strip())
    if inside and "```" not in inside and any(section.label for section in split(inside, labels)):
        text = inside
        flags.add("outer_fence")
    return text, flags


def _inside_fence(text: str) -> str:
    """What a fence around all of the text holds, also where it was cut off before its end; nothing without one."""
    opening = OUTER_FENCE.match(text)
    if opening is None:
        return ""
    return text[opening.end() :].removesuffix("```").rstrip(" \t").removesuffix("\n")
