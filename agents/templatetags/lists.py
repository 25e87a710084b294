"""Lists of Django's admin, with what they need to be read on a phone."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def cells(row: Iterable[SafeString], headers: Iterable[Mapping[str, Any]]) -> SafeString:
    """A row's cells as Django rendered them, each with its column's name: where rows are cards, there is no head."""
    labelled = (
        cell.replace("<td", f'<td data-label="{conditional_escape(_capital(header["text"]))}"', 1)
        for cell, header in zip(row, headers, strict=False)
    )
    return mark_safe("".join(labelled))  # noqa: S308 Django's own cells, and an escaped name


def _capital(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]
