"""Changes to a conversation that are not runs: its name, its place in the rail, the branch that is shown."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.models import User
from agents.runtime.text import clean
from chat.errors import CommandError, not_found
from chat.models import Conversation, Message, Run
from chat.services import runs
from chat.sidebar import announce


def rename(*, user: User, conversation_id: UUID, title: str) -> None:
    title = clean(" ".join(title.split()))
    if not title:
        raise CommandError("empty_title", "A chat needs a name.")
    if len(title) > 200:
        raise CommandError("title_too_long", "A chat's name has at most 200 characters.")
    _change(user, conversation_id, title=title)


def pin(*, user: User, conversation_id: UUID, pinned: bool) -> None:
    _change(user, conversation_id, pinned=pinned)


def delete(*, user: User, conversation_id: UUID) -> None:
    """Take it out of sight, and stop what is being written in it; `restore` brings back what there is."""
    running = Run.objects.visible_to(user).active().filter(conversation=conversation_id)
    with transaction.atomic():
        for run_id in list(running.values_list("pk", flat=True)):
            runs.request_cancel(user=user, run_id=run_id)
        _change(user, conversation_id, deleted_at=timezone.now())


def restore(*, user: User, conversation_id: UUID) -> None:
    changed = Conversation.objects.filter(owner=user, pk=conversation_id).update(deleted_at=None)
    if not changed:
        raise not_found()
    announce(conversation_id)


def mark_read(*, user: User, conversation_id: UUID) -> None:
    _change(user, conversation_id, read_at=timezone.now())


def show_branch(*, user: User, conversation_id: UUID, message_id: UUID) -> Conversation:
    """Show the branch through this message, down to its newest end."""
    conversation = get(user=user, conversation_id=conversation_id)
    children: dict[UUID | None, list[UUID]] = {}
    for pk, parent in conversation.messages.order_by("created_at").values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    if not any(message_id in siblings for siblings in children.values()):
        raise not_found("message")
    leaf = message_id
    while leaf in children:
        leaf = children[leaf][-1]
    Conversation.objects.filter(pk=conversation.pk).update(active_leaf=Message(pk=leaf))
    return get(user=user, conversation_id=conversation_id)


def get(*, user: User, conversation_id: UUID) -> Conversation:
    found = Conversation.objects.visible_to(user).select_related("agent").filter(pk=conversation_id).first()
    if found is None:
        raise not_found()
    return found


def _change(user: User, conversation_id: UUID, **values) -> None:
    with transaction.atomic():
        if not Conversation.objects.visible_to(user).filter(pk=conversation_id).update(**values):
            raise not_found()
        transaction.on_commit(lambda: announce(conversation_id), robust=True)
