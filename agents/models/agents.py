"""Agents and the tools they may use."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from agents.models.documents import DocumentCollection
from agents.models.fields import OrderedJSONField
from agents.models.prompts import PRODUCTION, Prompt, label_name


class Tool(models.Model):
    """A tool that staff can give to agents. `builtin` names the module in `agents.tools`."""

    class Kind(models.TextChoices):
        BUILTIN = "builtin", "Built in"
        DOCUMENTS = "documents", "Document collection"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.BUILTIN)
    builtin = models.CharField(max_length=40, help_text="Which tool of the code this is.")
    collection = models.ForeignKey(DocumentCollection, models.PROTECT, null=True, blank=True, related_name="tools")
    name = models.CharField(max_length=60, help_text="The name that the model writes to call it.")
    description = models.TextField(help_text="What the model is told: what it does, when to use it, what to give it.")
    timeout_s = models.PositiveIntegerField("time limit (s)", default=30, validators=[MinValueValidator(1)])
    max_output = models.PositiveIntegerField("longest output (characters)", default=4000)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "slug"]

    def __str__(self) -> str:
        return self.name if self.slug == self.name.lower() else f"{self.name} ({self.slug})"


class AgentQuerySet(models.QuerySet["Agent"]):
    def offered(self) -> "AgentQuerySet":
        return self.filter(enabled=True)


class Agent(models.Model):
    """A prompt, a way of thinking, tools and limits, under a name that people can pick."""

    class Type(models.TextChoices):
        CONVERSATION = "conversation", "Conversation"
        ZERO_SHOT_REACT = "zero-shot-react-description", "ReAct with tools"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    agent_type = models.CharField("type", max_length=40, choices=Type, default=Type.CONVERSATION)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="agents")
    label = models.CharField(max_length=60, default=PRODUCTION, validators=[label_name])
    model = models.CharField(
        max_length=200, blank=True, help_text="Empty: what the prompt's version says. A slug, or a model's id."
    )
    tools = models.ManyToManyField(Tool, through="AgentTool", blank=True)
    max_steps = models.PositiveSmallIntegerField(
        "most steps", default=15, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    timeout_s = models.PositiveIntegerField(
        "time limit (s)", default=600, validators=[MinValueValidator(1), MaxValueValidator(3600)]
    )
    max_total_tokens = models.PositiveIntegerField(
        "most tokens a run", default=50_000, validators=[MinValueValidator(1)]
    )
    starters = OrderedJSONField(default=list, blank=True, help_text="Questions shown on an empty chat, as a JSON list.")
    order = models.PositiveSmallIntegerField(default=100)
    enabled = models.BooleanField(default=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class AgentTool(models.Model):
    """A tool in an agent's hands; name and description override the tool's own where given."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="agent_tools")
    tool = models.ForeignKey(Tool, models.PROTECT, related_name="agent_tools")
    name = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["agent", "tool"], name="agent_has_a_tool_once")]

    def __str__(self) -> str:
        return f"{self.tool} of {self.agent}"
