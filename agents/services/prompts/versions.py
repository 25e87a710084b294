"""The life of a version: drafted, saved, published; published versions never change."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from agents.models import FewShotExample, Prompt, PromptVersion, User
from agents.models.prompts import PRODUCTION
from agents.runtime.errors import PromptError
from agents.services.prompts import content, labels
from agents.services.prompts.includes import pin_version

FIRST_MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "{{ input }}"},
]


class DraftChanged(PromptError):
    """Somebody else has saved the draft meanwhile; `draft` is what stands there now."""

    def __init__(self, draft: PromptVersion) -> None:
        when = date_format(localtime(draft.saved_at), "j M Y, H:i:s") if draft.saved_at else "meanwhile"
        super().__init__("changed", f"{draft.author or 'Somebody'} saved this draft after you had opened it: {when}.")
        self.draft = draft


def create_prompt(*, slug: str, name: str, description: str = "", author: User | None = None) -> Prompt:
    """A prompt without any version yet."""
    prompt = Prompt(slug=slug, name=name, description=description)
    try:
        prompt.full_clean()
    except ValidationError as error:
        where, sentences = next(iter(error.message_dict.items()))
        raise PromptError(f"bad:{where}", f"{where}: {' '.join(sentences)}") from error
    prompt.save()
    return prompt


@transaction.atomic
def create_draft(*, prompt: Prompt, parent: PromptVersion | None = None, author: User | None = None) -> PromptVersion:
    """A new draft with the next number: a copy of its parent, or a first pair of messages."""
    if parent is not None and parent.prompt_id != prompt.pk:
        raise PromptError("other_prompt", f"{parent} is not a version of {prompt.slug}.")
    _lock(prompt)
    highest = prompt.versions.aggregate(highest=Max("number"))["highest"] or 0
    draft = PromptVersion(prompt=prompt, number=highest + 1, author=author, parent=parent, messages=FIRST_MESSAGES)
    if parent is None:
        draft.save()
        return draft
    for field in content.FIELDS.values():
        setattr(draft, field, getattr(parent, field))
    draft.save()
    copies = parent.examples.values("order", "inputs", "reasoning", "output", "enabled", "source")
    FewShotExample.objects.bulk_create(FewShotExample(version=draft, **copy) for copy in copies)
    return draft


@transaction.atomic
def save_draft(
    *,
    version: PromptVersion,
    content: Mapping[str, Any],
    examples: Sequence[Mapping[str, Any]],
    author: User | None = None,
    edition: str | None = None,
) -> PromptVersion:
    """Replace all that a draft says. A prompt with problems is refused as a whole.

    With the `edition` that the author began with, what somebody else has saved since isn't overwritten: DraftChanged.
    """
    draft = _draft(version)
    if edition is not None and edition != draft.edition:
        raise DraftChanged(draft)
    return _write(draft, content, examples, author)


@transaction.atomic
def publish_version(*, version: PromptVersion, author: User | None = None) -> PromptVersion:
    """Make a draft unchangeable. The first one that is published becomes `production`."""
    draft = _draft(version)
    content.check(draft, draft.examples.all())
    draft.state = PromptVersion.State.PUBLISHED
    draft.published_at = timezone.now()
    draft.content_hash = content.hash_of(content.content_of(draft))
    draft.save(update_fields=["state", "published_at", "content_hash"])
    if not draft.prompt.labels.filter(name=PRODUCTION).exists():
        labels.move_label(prompt=draft.prompt, name=PRODUCTION, version=draft, moved_by=author)
    return draft


@transaction.atomic
def discard_draft(*, version: PromptVersion) -> None:
    _draft(version).delete()


def _write(
    draft: PromptVersion, new: Mapping[str, Any], examples: Sequence[Mapping[str, Any]], author: User | None
) -> PromptVersion:
    content.apply(draft, new)
    pin_version(draft)
    rows = content.rows_of(draft, examples)
    content.check(draft, rows)
    draft.author = author or draft.author
    draft.saved_at = timezone.now()
    draft.save()
    draft.examples.all().delete()
    FewShotExample.objects.bulk_create(rows)
    return draft


def _draft(version: PromptVersion) -> PromptVersion:
    """The row as it is now, with its prompt locked: two people may press Publish at once."""
    _lock(version.prompt)
    current = PromptVersion.objects.select_related("prompt", "author").filter(pk=version.pk).first()
    if current is None:
        raise PromptError("gone", f"Draft {version} has been discarded.")
    if current.is_published:
        raise PromptError("published", f"{current} is published and never changes. Make a new draft from it.")
    return current


def _lock(prompt: Prompt) -> None:
    """One writer a prompt: numbers stay gapless and no label is moved twice at a time."""
    Prompt.objects.select_for_update().get(pk=prompt.pk)
