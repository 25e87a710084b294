"""What a model thinks between tags, apart from what it says.

A tag that stands in quotes or in code is one that is talked about. So is one that opens in the middle of a line and is
never closed.
"""

import re
from collections.abc import Iterator

TAGS = "think|thinking|reasoning"
QUOTES = "'\"“‘«`"
# A back-tick of code in a line; behind several a fence ends.
TAG = re.compile(rf"(?<![{QUOTES[:-1]}])(?<!(?<!`)`)<(?P<closing>/?)(?P<name>{TAGS})>", re.IGNORECASE)
TAG_IN_TEXT = re.compile(rf"(?P<begins_line>^[ \t]*+)?{TAG.pattern}", re.IGNORECASE | re.MULTILINE)
SPELLED = tuple(f"<{slash}{tag}>" for slash in ("", "/") for tag in TAGS.split("|"))


def without_thinking(text: str) -> str:
    """The reply without its thinking blocks. What stands before a closing tag is one, also without the opening tag."""
    kept: list[str] = []
    at = 0
    opened: re.Match[str] | None = None
    for tag in TAG_IN_TEXT.finditer(text):
        if not tag["closing"]:
            opened = opened if opened and opened["begins_line"] is not None else tag
        elif opened is None:
            kept, at = [], tag.end()
        elif opened["name"].lower() == tag["name"].lower():
            kept.append(text[at : opened.start()])
            at, opened = tag.end(), None
    end = opened.start() if opened and opened["begins_line"] is not None else len(text)
    return "".join([*kept, text[at:end]])


class ThinkingFilter:
    """Splits a growing reply. It holds back what could still become a tag; any that opens is taken for one."""

    def __init__(self) -> None:
        self._held = ""
        self._before = " "  # the last characters that were let go
        self._inside = False

    def concerns(self, text: str) -> bool:
        """Whether the next piece may hold a tag, or is thinking: any other one is said as it is."""
        return self._inside or bool(self._held) or "<" in text or text[-1:] in QUOTES or self._before[-1] in QUOTES

    def feed(self, text: str) -> Iterator[tuple[bool, str]]:
        """Pairs of: is it thinking, the text."""
        self._held += text
        while tag := TAG.search(self._before + self._held):
            begin, end = tag.start() - len(self._before), tag.end() - len(self._before)
            yield self._inside, self._held[:begin]
            self._inside = not tag["closing"]
            self._before, self._held = ">", self._held[end:]
        yield from self._let_go(self._start_of_tag())

    def close(self) -> Iterator[tuple[bool, str]]:
        yield from self._let_go(len(self._held))

    def _let_go(self, end: int) -> Iterator[tuple[bool, str]]:
        text, self._held = self._held[:end], self._held[end:]
        self._before = (self._before + text[-2:])[-2:]
        yield self._inside, text

    def _start_of_tag(self) -> int:
        at = self._held.rfind("<")
        if at >= 0 and any(tag.startswith(self._held[at:].lower()) for tag in SPELLED):
            return at
        return len(self._held)
