"""Prompts that include others: labels become fixed versions when they are saved (agents.md D.2)."""

from collections.abc import Mapping
from typing import Any

from agents.build.includes import included
from agents.models import Prompt, PromptVersion
from agents.models.prompts import PRODUCTION
from agents.runtime.errors import PromptError
from agents.runtime.prompts.including import pinned, references_in
from agents.services.prompts.references import UnknownPrompt, resolve


def pin_includes(data: Mapping[str, Any], *, slug: str) -> dict[str, Any]:
    """A prompt file with `{{> slug@3}}` for every `{{> slug@label}}`; without a label it is production's.

    `slug` is that of the prompt itself, which may stand nowhere among what it includes. PromptError unknown_include
    or include_cycle.
    """
    fixed = pinned(data, lambda reference: _fixed(reference, slug))
    if own := [reference for reference in included(fixed) if reference.partition("@")[0] == slug]:
        raise _cycle(own[0], slug)
    return fixed


def pin_version(version: PromptVersion) -> None:
    """The same for a row, not saved."""
    data = {"format": version.format, "messages": version.messages, "example": version.example_template}
    fixed = pin_includes(data, slug=version.prompt.slug)
    version.messages, version.example_template = fixed["messages"], fixed["example"]


def includers_of(prompt: Prompt) -> list[str]:
    """The versions of other prompts, drafts too, that include one of this prompt's."""
    versions = PromptVersion.objects.exclude(prompt=prompt).select_related("prompt").order_by("prompt__slug", "number")
    return [str(version) for version in versions.iterator() if prompt.slug in _slugs_in(version)]


def _slugs_in(version: PromptVersion) -> set[str]:
    data = {"format": version.format, "messages": version.messages, "example": version.example_template}
    return {reference.partition("@")[0] for reference in references_in(data)}


def _fixed(reference: str, slug: str) -> str:
    if reference.partition("@")[0] == slug:
        raise _cycle(reference, slug)
    try:
        return str(resolve(reference, default=PRODUCTION))
    except UnknownPrompt as error:
        raise PromptError("unknown_include", error.detail) from error


def _cycle(reference: str, slug: str) -> PromptError:
    return PromptError("include_cycle", f"{slug} can't include {reference}: a prompt would include itself.")
