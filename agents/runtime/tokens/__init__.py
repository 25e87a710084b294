"""How many tokens a text or a request has, without the model's tokenizer (agents.md C.6)."""

from agents.runtime.tokens.requests import (
    estimated_body,
    estimated_message,
    estimated_prompt,
    estimated_request,
    estimated_usage,
)
from agents.runtime.tokens.scripts import estimated

__all__ = [
    "estimated",
    "estimated_body",
    "estimated_message",
    "estimated_prompt",
    "estimated_request",
    "estimated_usage",
]
