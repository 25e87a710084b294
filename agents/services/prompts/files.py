"""Prompts as files (evaluation.md §7): what goes in and out of git."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from agents.models import Prompt, PromptVersion, User
from agents.runtime.errors import PromptError
from agents.services.prompts.content import content_of, hash_of
from agents.services.prompts.references import latest_published
from agents.services.prompts.versions import create_draft, create_prompt, publish_version, save_draft

OF_THE_PROMPT = ("slug", "name", "description")


@dataclass(frozen=True, slots=True)
class ImportedPrompt:
    """`created` is False when the highest published version already says the same."""

    version: PromptVersion
    created: bool


class _Unchanged(Exception):
    """The draft made from a file says what is published already: undo it."""


def import_prompt(*, data: Mapping[str, Any], author: User | None = None) -> ImportedPrompt:
    """Publish what a file says as a new version, unless the highest published one says the same."""
    if not isinstance(data, Mapping):
        raise PromptError("bad_file", "A prompt file is a mapping with slug, name and messages.")
    slug = data.get("slug")
    if not isinstance(slug, str) or not slug:
        raise PromptError("missing:slug", "The file needs a slug, such as grade-school-math.")
    content = {key: value for key, value in data.items() if key not in OF_THE_PROMPT}
    examples = content.pop("examples", None) or []
    try:
        # Written first and compared then: only what has passed through the rows is in its normal form.
        with transaction.atomic():
            prompt = Prompt.objects.filter(slug=slug).first() or _new_prompt(slug, data, author)
            before = latest_published(prompt)
            draft = create_draft(prompt=prompt, parent=None, author=author)
            draft = save_draft(version=draft, content=content, examples=examples, author=author)
            if before is not None and before.content_hash == hash_of(content_of(draft)):
                raise _Unchanged
            _set_parent(draft, before)
            return ImportedPrompt(publish_version(version=draft, author=author), created=True)
    except _Unchanged:
        return ImportedPrompt(before, created=False)


def export_prompt(version: PromptVersion) -> dict[str, Any]:
    """The whole prompt file of a version."""
    prompt = version.prompt
    head = {"slug": prompt.slug, "name": prompt.name, "description": prompt.description}
    return {**{key: value for key, value in head.items() if value}, **content_of(version)}


def _new_prompt(slug: str, data: Mapping[str, Any], author: User | None) -> Prompt:
    name = str(data.get("name") or slug.replace("-", " ").capitalize())
    return create_prompt(slug=slug, name=name, description=str(data.get("description") or ""), author=author)


def _set_parent(draft: PromptVersion, parent: PromptVersion | None) -> None:
    draft.parent = parent
    draft.save(update_fields=["parent"])
