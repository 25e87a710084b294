"""Evaluations: a version or a chain measured on a dataset by a plan that is frozen when it starts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from agents.models.chains import Chain
from agents.models.datasets import Case, Dataset
from agents.models.fields import OrderedJSONField
from agents.models.prompts import PromptVersion
from agents.models.traces import Trace


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def unfinished(self) -> "EvaluationQuerySet":
        return self.filter(finished_at=None)


class Evaluation(models.Model):
    """One version or chain, one dataset, some scorers. Its plan is the trials; what is left is a query over them."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    class Runner(models.TextChoices):
        SERVER = "server", "Server"
        COMMAND = "command", "Command line"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(PromptVersion, models.PROTECT, null=True, related_name="evaluations")
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, related_name="evaluations")
    # What a chain was when this was planned (`services.agents.resolve_chain`): chains change, versions don't.
    target = OrderedJSONField(default=dict)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="evaluations")
    split = models.CharField(max_length=40, blank=True)
    limit = models.PositiveIntegerField(null=True, help_text="Only so many cases, the first ones; none: all.")
    model = models.CharField(max_length=200, default="default")
    model_used = models.CharField(max_length=200, blank=True, help_text="The id that the server answered with.")
    repeats = models.PositiveSmallIntegerField(default=1)
    concurrency = models.PositiveSmallIntegerField(default=4)
    scorers = OrderedJSONField(default=list)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    runner = models.CharField(max_length=16, choices=Runner, default=Runner.SERVER)
    lease_expires_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    recorded_at = models.DateField(
        null=True, help_text="Set where the outputs were recorded earlier and only scored here."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="evaluations_by_age"),
            # The server looks every second.
            models.Index(fields=["created_at"], condition=Q(finished_at=None), name="evaluations_under_way"),
        ]
        constraints = [
            models.CheckConstraint(
                name="evaluation_is_over_when_it_has_an_end",
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(state__in=["done", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_measures_a_version_or_a_chain",
                condition=Q(version__isnull=False, chain=None) | Q(version=None, chain__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} on {self.dataset.slug}"

    @property
    def subject(self) -> str:
        """What is measured, as the command line names it."""
        return f"chain:{self.chain.slug}" if self.chain else str(self.version)

    @property
    def kind(self) -> str:
        """The kind of answer that is expected."""
        return self.version.kind if self.version else str(self.target.get("output", {}).get("kind", "text"))


class TrialQuerySet(models.QuerySet["Trial"]):
    def left(self) -> "TrialQuerySet":
        """Planned and without an outcome: what start, resume and recovery all work through."""
        return self.filter(outcome=None)


class Trial(models.Model):
    """One case put to the version once. `inputs` and `expected` are copies: editing the dataset changes no result."""

    class Outcome(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"
        UNPARSEABLE = "unparseable"
        REFUSED = "refused"
        TRUNCATED = "truncated"
        ERROR = "error"
        SKIPPED = "skipped"

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="trials")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="trials")
    case_key = models.CharField(max_length=120)
    repeat = models.PositiveSmallIntegerField(default=0)
    inputs = OrderedJSONField(default=dict)
    expected = OrderedJSONField(null=True)
    critical = models.BooleanField(default=False)
    trace = models.OneToOneField(Trace, models.SET_NULL, null=True, related_name="trial")
    outcome = models.CharField(max_length=16, choices=Outcome, null=True)
    output = models.TextField(blank=True)
    extracted = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=9, null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "case_key", "repeat"], name="trial_is_unique_in_evaluation")
        ]

    def __str__(self) -> str:
        return f"{self.case_key} #{self.repeat + 1}"


class Score(models.Model):
    """What one scorer says of one trial: 0 to 1 unless the scorer says otherwise."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="scores")
    scorer = models.CharField(max_length=60)
    value = models.FloatField()
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["trial", "scorer"], name="score_is_unique_in_trial")]

    def __str__(self) -> str:
        return f"{self.scorer} {self.value}"
