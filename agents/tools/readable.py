"""Articles of encyclopedias as plain text: without markup, and without marks that only mean something on their page."""

import html
import re
from typing import Final

_UNREAD: Final = re.compile(r"<(script|style|table)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BLOCK: Final = re.compile(r"</(?:p|div|ul|ol|h[1-6])\s*>", re.IGNORECASE)
_LINE: Final = re.compile(r"<br\s*/?>|</li\s*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_MARK: Final = re.compile(r"\[(?:[1-9]\d{0,2}|note \d+|edit|citation needed)\]", re.IGNORECASE)


def readable(text: str) -> str:
    """The text of HTML, without references such as [1] and links to edit."""
    if "<" in text:
        text = _BLOCK.sub("\n\n", _LINE.sub("\n", _UNREAD.sub("", text)))
        text = html.unescape(_TAG.sub("", text))
    return _MARK.sub("", text) if "[" in text else text
