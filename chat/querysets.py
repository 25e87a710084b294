"""How conversations and runs are asked for. Permission is part of the question: views never filter by owner."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user):
        """Their own, whatever its source, unless deleted."""
        return self.filter(owner=user, deleted_at=None)

    def in_rail_of(self, user):
        """Pinned ones first, so that none of them falls off the end."""
        chats = self.visible_to(user).filter(source="chat").select_related("agent")
        return chats.order_by("-pinned", "-updated_at")


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user):
        return self.filter(conversation__owner=user, conversation__deleted_at=None)


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user):
        return self.filter(conversation__owner=user, conversation__deleted_at=None)

    def active(self):
        return self.filter(state__in=["queued", "running"])

    def queued(self):
        return self.filter(state="queued")

    def abandoned(self):
        """Running in name only: given up by a process that stopped, or their lease ran out with their process."""
        return self.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now()), state="running")
