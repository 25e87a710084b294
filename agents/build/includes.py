"""The published versions that a prompt includes, at all levels."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from agents.models import PromptVersion
from agents.runtime.prompts.including import Included, included_part, references_in
from agents.runtime.templates.inclusion import MAX_LEVELS


def included(data: Mapping[str, Any]) -> dict[str, Included]:
    """By their references in the texts. What isn't there is left out: the parser says so, with the place.

    One query a level, and none for a prompt that includes nothing.
    """
    found: dict[str, Included] = {}
    wanted = references_in(data)
    for _ in range(MAX_LEVELS):
        versions = _versions(reference for reference in wanted if reference not in found)
        if not versions:
            break
        parts = {reference: included_part(reference, _content(version)) for reference, version in versions.items()}
        found |= parts
        texts = [{"role": "system", "content": part.text} for part in parts.values()]
        wanted = references_in({"messages": texts})
    return found


def _versions(references: Iterable[str]) -> dict[str, PromptVersion]:
    wanted = [Q(prompt__slug=slug, number=int(number)) for slug, number in map(_parts, references) if number]
    if not wanted:
        return {}
    versions = PromptVersion.objects.published().filter(reduce(or_, wanted)).select_related("prompt")
    return {str(version): version for version in versions}


def _parts(reference: str) -> tuple[str, str]:
    """Slug and number; no number where it is a label, which only a draft that was never saved has."""
    slug, _, target = reference.partition("@")
    return slug, target if target.isascii() and target.isdecimal() and len(target) < 10 else ""


def _content(version: PromptVersion) -> dict[str, Any]:
    return {"format": version.format, "messages": version.messages, "variables": version.variables}
