"""What the model is told when a tool fails: one sentence for each class of failure."""

from typing import Final

from agents.runtime.tools import ToolResult

TEXTS: Final = {
    "not_configured": "{tool} is not set up. Use another tool or answer without it.",
    "bad_input": "{tool} could not use this input: {reason}. Change it and try again.",
    "not_found": "No results for “{query}”. Try other or fewer words.",
    "timeout": "{tool} did not answer within {n} seconds.",
    "unavailable": "{tool} cannot be reached at the moment.",
    "bad_response": "{tool} sent an unreadable reply.",
    "internal": "{tool} failed. Try another way.",
}
MAX_INPUT: Final = 2_000


def failure(error: str, **values: object) -> ToolResult:
    """A result that says what went wrong; `values` fill the class's sentence."""
    return ToolResult(TEXTS[error].format(**values), error=error)


def problem_of(text: object) -> str:
    """Why a text input can't be used, or nothing."""
    if not isinstance(text, str) or not text.strip():
        return "it is empty"
    return f"it is longer than {MAX_INPUT:,} characters" if len(text) > MAX_INPUT else ""
