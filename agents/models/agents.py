"""Agents and the tools they may use."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from agents.models.chains import Chain
from agents.models.documents import DocumentCollection
from agents.models.fields import OrderedJSONField
from agents.models.prompts import PRODUCTION, Prompt, label_name


class Tool(models.Model):
    """A tool that staff can give to agents. `builtin` names the module in `agents.tools`."""

    class Kind(models.TextChoices):
        BUILTIN = "builtin", "Built in"
        DOCUMENTS = "documents", "Document collection"
        CHAIN = "chain", "Chain"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.BUILTIN)
    builtin = models.CharField(max_length=40, blank=True, help_text="Which tool of the code this is.")
    collection = models.ForeignKey(DocumentCollection, models.PROTECT, null=True, blank=True, related_name="tools")
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, related_name="tools")
    name = models.CharField(max_length=60, help_text="The name that the model writes to call it.")
    description = models.TextField(help_text="What the model is told: what it does, when to use it, what to give it.")
    timeout_s = models.PositiveIntegerField("time limit (s)", default=30, validators=[MinValueValidator(1)])
    max_output = models.PositiveIntegerField("longest output (characters)", default=4000)
    return_direct = models.BooleanField(
        "its result is the answer", default=False, help_text="The run ends with it, and the model adds nothing."
    )
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
        TOOL_CALLING = "tool-calling", "Tool calling"
        ZERO_SHOT_REACT = "zero-shot-react-description", "ReAct with tools"
        REACT_DOCSTORE = "react-docstore", "ReAct over documents"
        SELF_ASK = "self-ask-with-search", "Self-ask with search"
        CONVERSATIONAL_REACT = "conversational-react-description", "Conversation with tools"
        STRUCTURED = "structured", "Structured answer"
        CHAIN = "chain", "Chain"

    class OnLimit(models.TextChoices):
        GENERATE = "generate", "Ask once more for the best answer so far"
        FORCE = "force", "Stop with a fixed sentence"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    agent_type = models.CharField("type", max_length=40, choices=Type, default=Type.CONVERSATION)
    prompt = models.ForeignKey(Prompt, models.PROTECT, null=True, blank=True, related_name="agents")
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, related_name="agents")
    label = models.CharField(max_length=60, default=PRODUCTION, validators=[label_name])
    model = models.CharField(
        max_length=200, blank=True, help_text="Empty: what the prompt's version says. A slug, or a model's id."
    )
    # Models to ask in this order when the first one fails, as slugs or ids.
    fallbacks = OrderedJSONField(default=list, blank=True)
    # {"policy": "window", "turns": 5} as in agents.runtime.memory; empty is all of the conversation.
    memory = OrderedJSONField(default=dict, blank=True)
    # What only some types know, such as {"ai_prefix": "AI"}.
    options = OrderedJSONField(default=dict, blank=True)
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
    max_cost = models.DecimalField(
        "most money a run (USD)",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Empty: no limit. Counts only calls of models that have a price.",
        validators=[MinValueValidator(0)],
    )
    on_limit = models.CharField("at a limit", max_length=16, choices=OnLimit, default=OnLimit.GENERATE)
    starters = OrderedJSONField(default=list, blank=True, help_text="Questions shown on an empty chat, as a JSON list.")
    order = models.PositiveSmallIntegerField(default=100)
    enabled = models.BooleanField(default=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                name="agent_runs_a_chain_or_a_prompt",
                condition=Q(agent_type="chain", chain__isnull=False)
                | (~Q(agent_type="chain") & Q(prompt__isnull=False)),
            )
        ]

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
