"""Numbers as the admin's pages write them: rates, tokens, times, money, JSON."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template

from agents.admin import wording
from agents.services.prompts import Change

register = template.Library()

register.filter("percent", wording.percent)
register.filter("duration", wording.duration)
register.filter("error_in_words", wording.error_in_words)
register.filter("scorer_in_words", wording.scorer_in_words)


@register.filter
def points(value: float | None) -> str:
    """A difference of two rates, with its sign."""
    return "–" if value is None else f"{value * 100:+.0f}"


@register.filter
def thousands(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


@register.filter
def ms(value: int | None) -> str:
    """Milliseconds as a time."""
    if value is None:
        return "–"
    return f"{value} ms" if value < 1000 else wording.duration(value / 1000)


@register.filter
def usd(value: Decimal | None) -> str:
    """A cost; what the model's price doesn't tell stays open."""
    if value is None:
        return "–"
    return f"${value:.2f}" if value >= 1 else f"${value:.4f}"


@register.filter
def as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def short_json(value: Any) -> str:
    """On one line: a text as it is, the values of an object without their names when there is only one."""
    if isinstance(value, dict) and len(value) == 1:
        return short_json(next(iter(value.values())))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def one_line(text: str) -> str:
    """An example's reasoning and output, which stand on lines of their own, behind each other."""
    return " → ".join(line for line in text.splitlines() if line.strip())


@register.filter
def hundred(value: float | None) -> float:
    """A rate as a position from 0 to 100, for bars."""
    return 0 if value is None else round(value * 100, 1)


@register.filter
def share(value: int, of: int) -> float:
    return round(100 * value / of, 1) if of else 0


@register.filter
def outcome_marker(outcome: str | None) -> str:
    """Class of the marker that stands before an outcome's word."""
    markers = {"passed": "is-done", "failed": "is-failed", "error": "is-warning", None: "is-thought"}
    return markers.get(outcome, "is-warning")


@register.simple_tag
def changed(changes: Sequence[Change]) -> list[Change]:
    """The entries of a diff that aren't the same on both sides."""
    return [change for change in changes if change.kind != "same"]
