"""What a server says that a call used."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from agents.runtime.llm import Usage

MOST_TOKENS = 2**31 - 1  # what a column holds; a server that reports more, or less than none, is wrong


def usage_of(fields: Mapping[str, Any], estimate: Callable[[], Usage]) -> Usage:
    """The `usage` of a reply. A count of the prompt or the reply that is missing or senseless is estimated.

    Every prompt has tokens, so none is senseless there; of a reply, only where something was written.
    """
    read, written = _count(fields, "prompt_tokens"), _count(fields, "completion_tokens")
    is_estimated = False
    if not read or not written:
        estimated = estimate()
        is_estimated = not read or written is None or estimated.output > 0
        read, written = read or estimated.input, written or estimated.output
    cached = _count(fields.get("prompt_tokens_details"), "cached_tokens") or 0
    reasoning = _count(fields.get("completion_tokens_details"), "reasoning_tokens") or 0
    return Usage(read, written, min(cached, read), reasoning, is_estimated)


def of_all(usages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One `usage` of several replies to one prompt: what was written is summed, and what was read was read once."""

    def counts(name: str, within: str = "") -> list[int]:
        return [_count(usage.get(within) if within else usage, name) or 0 for usage in usages]

    return {
        "prompt_tokens": max(counts("prompt_tokens")),
        "completion_tokens": sum(counts("completion_tokens")),
        "prompt_tokens_details": {"cached_tokens": max(counts("cached_tokens", "prompt_tokens_details"))},
        "completion_tokens_details": {"reasoning_tokens": sum(counts("reasoning_tokens", "completion_tokens_details"))},
    }


def _count(fields: Any, name: str) -> int | None:
    value = fields.get(name) if isinstance(fields, Mapping) else None
    if isinstance(value, int | float) and isfinite(value) and 0 <= value <= MOST_TOKENS:
        return int(value)
    return None
