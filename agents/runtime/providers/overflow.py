"""How much a model takes, and how much it was asked to: the numbers in a server's refusal (agents.md C.5)."""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 2000
NUMBER = r"(\d[\d,]{0,11})"
# OpenAI and vLLM; llama.cpp; llama-cpp-python; others.
LIMITS = (
    rf"maximum (?:context|model) length (?:is|of)(?: only)? {NUMBER}",
    rf"context (?:size|window|length)(?: of| is)?(?: only)? ?\(?{NUMBER}",
    rf"> {NUMBER} maximum",
)
ASKED = (
    rf"you requested (?:about )?{NUMBER} tokens",
    rf"resulted in {NUMBER} tokens",
    rf"request (?:has |\(){NUMBER} (?:input )?tokens",
    rf"passed {NUMBER} input tokens",
    rf"requested tokens \({NUMBER}\)",
    rf"prompt \(length {NUMBER}\)",
    rf"too long: {NUMBER}",
)


def sizes(fields: Mapping[str, Any], text: str) -> tuple[int | None, int | None]:
    """The limit and what was asked for, in tokens as the server counts them; None where it doesn't say."""
    text = text[:LONGEST_TEXT]
    return _size(fields.get("n_ctx"), LIMITS, text), _size(fields.get("n_prompt_tokens"), ASKED, text)


def _size(said: Any, patterns: tuple[str, ...], text: str) -> int | None:
    if isinstance(said, int) and said > 0:
        return said
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next((int(match[1].replace(",", "")) for match in found if match), None)
