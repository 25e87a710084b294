"""Text that every database and every encoder takes: models, tools and their JSON can hold what isn't."""

import re
from typing import Any

# A lone surrogate has no UTF-8 form, and PostgreSQL refuses NUL.
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_LARGEST = 2**63 - 1


def clean(text: str) -> str:
    """The text with the replacement character for what can't be stored."""
    return _UNUSABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line for line in text.split("\n") if line.strip()), "")


def cleaned(value: Any) -> Any:
    """The same for all text within plain data; integers that don't fit 64 bits become text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return str(value)
    return value
