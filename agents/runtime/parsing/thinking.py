"""Splits a growing reply into what the model thinks between tags and what it says."""

import re
from collections.abc import Iterator

from agents.runtime.parsing.cleaning import TAGS

TAG = re.compile(rf"<(?P<closing>/?)(?:{TAGS})>", re.IGNORECASE)
SPELLED = tuple(f"<{slash}{tag}>" for slash in ("", "/") for tag in TAGS.split("|"))


class ThinkingFilter:
    """Holds back what could still become a tag."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def concerns(self, text: str) -> bool:
        """Whether the next piece may hold a tag, or is thinking: any other one is said as it is."""
        return self._inside or bool(self._held) or "<" in text

    def feed(self, text: str) -> Iterator[tuple[bool, str]]:
        """Pairs of: is it thinking, the text."""
        if not self._held and "<" not in text:
            yield self._inside, text
            return
        self._held += text
        while tag := TAG.search(self._held):
            yield self._inside, self._held[: tag.start()]
            self._inside = not tag["closing"]
            self._held = self._held[tag.end() :]
        keep = self._start_of_tag()
        yield self._inside, self._held[:keep]
        self._held = self._held[keep:]

    def close(self) -> Iterator[tuple[bool, str]]:
        yield self._inside, self._held
        self._held = ""

    def _start_of_tag(self) -> int:
        at = self._held.rfind("<")
        if at >= 0 and any(tag.startswith(self._held[at:].lower()) for tag in SPELLED):
            return at
        return len(self._held)
