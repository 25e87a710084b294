"""Labels: names such as `production` that move between published versions, some of them by few people only."""

from django.core.exceptions import ValidationError
from django.db import transaction

from agents.models import Prompt, PromptLabel, PromptLabelMove, PromptVersion, User
from agents.models.prompts import LATEST, label_name
from agents.runtime.errors import PromptError

MOVE_PROTECTED = "agents.move_protected_label"


@transaction.atomic
def move_label(*, prompt: Prompt, name: str, version: PromptVersion, moved_by: User | None = None) -> PromptLabel:
    """Point a label at a published version and record the move; pointing it where it points records nothing.

    A person needs a permission for a protected label; nobody (`moved_by` is None) is whoever has the server's shell.
    """
    if version.prompt_id != prompt.pk:
        raise PromptError("other_prompt", f"{version} is not a version of {prompt.slug}.")
    Prompt.objects.select_for_update().get(pk=prompt.pk)
    if not PromptVersion.objects.published().filter(pk=version.pk).exists():
        raise PromptError("not_published", f"{version} is a draft. Publish it before a label points at it.")
    _check_name(name)
    label = PromptLabel.objects.select_related("version").filter(prompt=prompt, name=name).first()
    before = label.version if label else None
    if label is not None and before == version:
        return label
    if label is not None and not may_move(label, moved_by):
        raise PromptError("protected", f"{name} is protected: you may not move it. Ask somebody who may.")
    label = label or PromptLabel(prompt=prompt, name=name)
    label.version = version
    label.save()
    PromptLabelMove.objects.create(prompt=prompt, name=name, before=before, after=version, moved_by=moved_by)
    return label


@transaction.atomic
def protect_label(*, prompt: Prompt, name: str, protected: bool, by: User | None = None) -> None:
    """Let only some people move a label from now on, or all again who edit prompts."""
    if by is not None and not by.has_perm(MOVE_PROTECTED):
        raise PromptError("not_allowed", "You may not protect labels. Ask somebody who may.")
    if not PromptLabel.objects.filter(prompt=prompt, name=name).update(protected=protected):
        raise PromptError("unknown_label", f"{prompt.slug} has no label {name}.")


def may_move(label: PromptLabel, person: User | None) -> bool:
    return not label.protected or person is None or person.has_perm(MOVE_PROTECTED)


def _check_name(name: str) -> None:
    if name == LATEST:
        raise PromptError("bad_label", "“latest” always means the newest version. Give the label another name.")
    try:
        label_name(name)
    except ValidationError as error:
        raise PromptError("bad_label", error.message) from error
