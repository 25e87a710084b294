"""Prompts, kept as carefully as code: versions that never change once published, labels that move between them."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Prefetch, Q

from agents.models.fields import OrderedJSONField

PRODUCTION = "production"
LATEST = "latest"  # in references, the highest published number: no label's name
# What a version says; lists of versions go without.
TEXTS = ("messages", "variables", "example_template", "output", "strategy_options", "parameters")


class PromptQuerySet(models.QuerySet["Prompt"]):
    def with_labels(self) -> "PromptQuerySet":
        """With all versions and labels, but none of the texts."""
        versions = PromptVersion.objects.defer(*TEXTS)
        return self.prefetch_related(Prefetch("labels__version", versions), Prefetch("versions", versions))


class Prompt(models.Model):
    """One task put to a model, through all its versions."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PromptVersionQuerySet(models.QuerySet["PromptVersion"]):
    def published(self) -> "PromptVersionQuerySet":
        return self.filter(state=PromptVersion.State.PUBLISHED)

    def drafts(self) -> "PromptVersionQuerySet":
        return self.filter(state=PromptVersion.State.DRAFT)


class PromptVersion(models.Model):
    """One wording of a prompt. A draft changes freely; what is published never does: triggers refuse the UPDATE."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    class Format(models.TextChoices):
        MUSTACHE = "mustache", "Mustache {{ name }}"
        FSTRING = "fstring", "LangChain style {name}"

    class Strategy(models.TextChoices):
        DIRECT = "direct", "Direct answer"
        ZERO_SHOT_COT = "zero_shot_cot", "Zero-shot chain of thought"
        FEW_SHOT_COT = "few_shot_cot", "Few-shot chain of thought"
        SELF_CONSISTENCY = "self_consistency", "Self-consistency"
        LEAST_TO_MOST = "least_to_most", "Least-to-most"
        PAL = "pal", "Program-aided (PAL)"

    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    format = models.CharField(max_length=16, choices=Format, default=Format.MUSTACHE)
    # [{"role": "system", "content": "…"}, {"slot": "examples"}, …] as in the prompt file (evaluation.md §7)
    messages = OrderedJSONField(default=list)
    variables = OrderedJSONField(default=list, blank=True)
    example_template = OrderedJSONField(default=dict, blank=True)
    output = OrderedJSONField(default=dict, blank=True)
    strategy = models.CharField(max_length=24, choices=Strategy, default=Strategy.DIRECT)
    strategy_options = OrderedJSONField(default=dict, blank=True)
    model = models.CharField(max_length=200, default="default")
    parameters = OrderedJSONField(default=dict, blank=True)
    commit_message = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = PromptVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="prompt_version_number_is_unique"),
            models.CheckConstraint(
                name="published_version_has_a_date_and_a_hash",
                condition=Q(state="draft", published_at=None)
                | (Q(state="published", published_at__isnull=False) & ~Q(content_hash="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt.slug}@{self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def edition(self) -> str:
        """What a page shows of a draft is true as long as this is the same: every save changes it."""
        return self.saved_at.isoformat() if self.saved_at else ""

    @property
    def kind(self) -> str:
        return str(self.output.get("kind", "text"))


class FewShotExample(models.Model):
    """One worked example inside a version. `source` says where it came from (file, log, dataset case)."""

    version = models.ForeignKey(PromptVersion, models.CASCADE, related_name="examples")
    order = models.PositiveIntegerField(default=0)
    inputs: Any = OrderedJSONField(default=dict)
    reasoning = models.TextField(blank=True)
    output = models.TextField()
    enabled = models.BooleanField(default=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"example {self.order} of {self.version}"


label_name = RegexValidator(r"^[a-z][a-z0-9_-]*\Z", "A label starts with a lower-case letter, then a-z, 0-9, _ or -.")


class PromptLabel(models.Model):
    """A name that points at one published version, such as `production`. A protected one isn't moved by everybody."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=60, validators=[label_name])
    version = models.ForeignKey(PromptVersion, models.PROTECT, related_name="labels")
    protected = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        permissions = [("move_protected_label", "Can protect labels, and move protected ones")]
        constraints = [models.UniqueConstraint(fields=["prompt", "name"], name="prompt_label_is_unique")]

    def __str__(self) -> str:
        return f"{self.prompt.slug}@{self.name}"


class PromptLabelMove(models.Model):
    """One move of a label: kept for ever, never changed."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="label_moves")
    name = models.CharField(max_length=60)
    before = models.ForeignKey(PromptVersion, models.PROTECT, null=True, related_name="+")
    after = models.ForeignKey(PromptVersion, models.PROTECT, related_name="+")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-moved_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.prompt.slug}@{self.name} → {self.after.number}"
