"""What is stored of people talking with agents: a tree of messages, the runs that wrote answers, and their logs."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.models import Agent, Trace
from agents.models.fields import OrderedJSONField
from chat.querysets import ConversationQuerySet, MessageQuerySet, RunQuerySet


class Conversation(models.Model):
    """One chat of one person with an agent. `active_leaf` is the end of the branch that is shown."""

    class Source(models.TextChoices):
        CHAT = "chat", "Chat"
        API = "api", "API"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="conversations")
    source = models.CharField(max_length=8, choices=Source, default=Source.CHAT)
    title = models.CharField(max_length=200, blank=True)
    pinned = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    active_leaf = models.ForeignKey("Message", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            models.Index(fields=["owner", "source", "-updated_at"]),
            models.Index(fields=["-updated_at"], name="conversations_by_age"),
        ]
        permissions = [("review_conversations", "Can read the conversations of others")]

    def __str__(self) -> str:
        return self.title or "New chat"


class Message(models.Model):
    """One turn. An edit or a retry is a sibling: nothing that was said is overwritten."""

    class Role(models.TextChoices):
        SYSTEM = "system"
        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    role = models.CharField(max_length=16, choices=Role)
    content = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"


class ConversationSummary(models.Model):
    """What a model wrote about the beginning of a branch, up to a message (agents.md C.4).

    One row for each message that a summary ever reached: another branch goes on with the nearest that it shares.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="summaries")
    covers_to = models.ForeignKey(Message, models.CASCADE, related_name="+")
    covered_hash = models.CharField(max_length=64)  # of the ids from the root to there: history.hash_of
    text = models.TextField()
    model = models.CharField(max_length=200)
    tokens = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "covers_to"], name="one_summary_up_to_a_message")
        ]

    def __str__(self) -> str:
        return f"summary of {self.conversation_id} up to {self.covers_to_id}"


class Run(models.Model):
    """One execution of an agent, from a person's message to its answer (architecture.md §2)."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trace = models.OneToOneField(Trace, models.PROTECT, related_name="run")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="runs")
    answer = models.ForeignKey(Message, models.CASCADE, related_name="runs")
    continues = models.ForeignKey("self", models.SET_NULL, null=True, related_name="continuations")
    client_id = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=24, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    summary = OrderedJSONField(default=dict)  # written once, at the end: steps, ms, model, usage, first_token_ms
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "client_id"], name="client_id_is_unique_for_a_user"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state__in=["queued", "running"]),
                name="one_active_run_in_a_conversation",
            ),
            models.CheckConstraint(
                name="run_is_over_when_it_has_an_end",
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(state__in=["succeeded", "failed", "cancelled", "interrupted"], finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["lease_expires_at"], condition=Q(state="running"), name="running_runs_by_lease"),
            # Asked for every second: without it the question would read all runs that there ever were.
            models.Index(fields=["created_at"], condition=Q(state="queued"), name="queued_runs_by_age"),
            models.Index(fields=["-created_at"], name="runs_by_age"),
        ]

    def __str__(self) -> str:
        return f"run {self.id}"

    @property
    def is_abandoned(self) -> bool:
        """As `abandoned()` asks the database."""
        expires = self.lease_expires_at
        return self.state == self.State.RUNNING and (expires is None or expires < timezone.now())


class Frame(models.Model):
    """One entry of a run's log: `seq` 1, 2, 3 … of the run, with one or more events (architecture.md §2, the journal).

    A compacted frame has `first` = 1 and stands for all the frames up to its `seq`.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="frames")
    seq = models.PositiveIntegerField()
    first = models.PositiveIntegerField(null=True)
    events = models.TextField()  # JSON as it was sent, never queried

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="seq_is_unique_in_run")]

    def __str__(self) -> str:
        return f"frame {self.seq} of {self.run_id}"
