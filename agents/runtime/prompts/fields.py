"""Reading the fields of a prompt file, with refusals that name the field."""

from collections.abc import Mapping
from typing import Any

from agents.runtime.errors import PromptError


def one_of(key: str, value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise PromptError(f"bad_{key}", f"There is no {key} “{value}”. Possible: {', '.join(allowed)}.")
    return value


def mapping_of(key: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PromptError(f"bad_{key}", f"“{key}” is an object with named fields.")
    return dict(value)


def text_of(key: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise PromptError(f"bad_{key}", f"“{name}” of “{key}” is a text.")
    return value


def number_of(key: str, name: str, value: Any, *, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PromptError(f"bad_{key}", f"“{name}” of “{key}” is a whole number from {least:,} to {most:,}.")
    return value
