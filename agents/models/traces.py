"""Traces: what a run or a trial really did, call by call. Chat, evaluations and the playground leave the same rows."""

import uuid

from django.db import models
from django.db.models import Q

from agents.models.fields import OrderedJSONField
from agents.models.prompts import PromptVersion


class Trace(models.Model):
    """One execution of an agent or a prompt version. `agent` is the configuration it was resolved to at its start."""

    class Kind(models.TextChoices):
        RUN = "run", "Chat"
        TRIAL = "trial", "Evaluation"
        PLAYGROUND = "playground", "Playground"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    prompt_version = models.ForeignKey(PromptVersion, models.PROTECT, null=True, related_name="traces")
    agent = OrderedJSONField(default=dict)
    status = models.CharField(max_length=16, default="running")
    stop_reason = models.CharField(max_length=24, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="traces_by_age"),
            # The admin lists these alone, few among many of the chat.
            models.Index(fields=["-created_at", "-id"], condition=~Q(kind="run"), name="traces_outside_the_chat"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Step(models.Model):
    """One step of the reasoning. `ms` is empty while it is open."""

    trace = models.ForeignKey(Trace, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    parent = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=16)
    text = models.TextField(blank=True)
    ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["trace", "number"], name="step_number_is_unique_in_trace")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class ModelCall(models.Model):
    """One call of a language model, as sent and as answered."""

    trace = models.ForeignKey(Trace, models.CASCADE, related_name="model_calls")
    step = models.PositiveIntegerField()
    model = models.CharField(max_length=200)
    request = OrderedJSONField(default=dict)
    response = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    cost = models.DecimalField("cost (USD)", max_digits=16, decimal_places=9, null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(default=0)
    finish_reason = models.CharField(max_length=40, blank=True)
    # Whether the reply had the form that was asked for, and what was tolerated in it.
    outcome = models.CharField(max_length=16, blank=True)
    flags = OrderedJSONField(default=list)
    # Functions that the model wanted called, and the other replies where several were asked for.
    calls = OrderedJSONField(default=list)
    choices = OrderedJSONField(default=list)
    error = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True, help_text="What the server said, for staff.")
    retries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["created_at"], name="model_calls_by_age")]

    def __str__(self) -> str:
        return f"{self.model}, {self.input_tokens}+{self.output_tokens} tokens"


class ToolCall(models.Model):
    """One call of a tool. `ms` is empty while it is under way."""

    trace = models.ForeignKey(Trace, models.CASCADE, related_name="tool_calls")
    step = models.PositiveIntegerField()
    call = models.CharField(max_length=40)
    tool = models.CharField(max_length=80)
    input = OrderedJSONField(null=True)
    output = models.TextField(blank=True)
    error = models.CharField(max_length=40, blank=True)
    ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["trace"], condition=~Q(error=""), name="tool_calls_that_failed")]
        constraints = [models.UniqueConstraint(fields=["trace", "call"], name="tool_call_is_unique_in_trace")]

    def __str__(self) -> str:
        return f"{self.tool}({self.input!r})"
