"""What the side bar of every tab of a user needs to know of a conversation."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from chat import launcher
from chat.models import Conversation, Run


def describe(conversation: Conversation) -> dict[str, Any]:
    """`conversation` comes from `with_activity`."""
    return {
        "id": str(conversation.pk),
        "title": str(conversation),
        "agent": conversation.agent.slug if conversation.agent else None,
        "pinned": conversation.pinned,
        "updated_at": conversation.updated_at.isoformat(),
        "state": "running" if conversation.is_running else "idle",
        "unread": is_unread(conversation),
        "deleted": conversation.deleted_at is not None,
    }


def is_unread(conversation: Conversation) -> bool:
    return conversation.read_at is None or conversation.read_at < conversation.updated_at


def with_activity(conversations):
    """Add `is_running`, in the same query."""
    active = Run.objects.active().filter(conversation=OuterRef("pk"))
    return conversations.select_related("agent").annotate(is_running=Exists(active))


def announce(conversation_id: UUID) -> None:
    """Tell every tab of the owner how this conversation stands. API conversations have no place in a side bar."""
    conversation = with_activity(Conversation.objects.filter(pk=conversation_id, source="chat")).first()
    if conversation is not None:
        message = {"type": "conversation", "conversation": describe(conversation)}
        launcher.tell(conversation.owner_id, message)
