"""What a server says that a call used."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from agents.runtime.llm import Usage

MOST_TOKENS = 2**31 - 1  # what a column holds; a server that reports more, or less than none, is wrong


def usage_of(fields: Mapping[str, Any]) -> Usage:
    """The `usage` of a chunk or a reply; what is missing or senseless counts as none."""
    return Usage(
        input=_count(fields, "prompt_tokens"),
        output=_count(fields, "completion_tokens"),
        cached=_count(fields.get("prompt_tokens_details"), "cached_tokens"),
        reasoning=_count(fields.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(fields: Any, name: str) -> int:
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return min(max(int(value), 0), MOST_TOKENS) if isinstance(value, int | float) and isfinite(value) else 0
