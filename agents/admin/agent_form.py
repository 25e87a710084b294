"""The form of an agent: what its columns hold as JSON is asked for in fields, and what can't work is refused."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agents.admin.fields import LinesField
from agents.models import Agent
from agents.runtime.agents.registry import KINDS
from agents.runtime.errors import ConfigurationError, PromptError
from agents.services.agents import (
    check_agent_chain,
    check_agent_options,
    check_agent_prompt,
    check_agent_tools,
    version_in_use,
)
from agents.services.chains import chains_naming

MEMORIES = (
    ("", "All of the conversation"),
    ("window", "The last turns"),
    ("token_buffer", "The newest turns that fit a number of tokens"),
    ("summary", "A running summary"),
    ("summary_buffer", "The newest turns, and a summary of those before"),
)
MEMORY_FIELDS = ("policy", "turns", "max_tokens", "model")
NAMES = ("ai_prefix", "human_prefix")
NO_KIND = {"chain": "Prompts and agents that work one after another. No prompt and no tools of its own."}


def _about_types() -> SafeString:
    """What every type does and needs; a script shows that of the chosen one alone."""
    abouts = {name: kind.about for name, kind in KINDS.items()} | NO_KIND
    rows = ((name, label, abouts[name]) for name, label in Agent.Type.choices if name in abouts)
    items = format_html_join("", '<li data-type="{}"><b>{}</b>: {}</li>', rows)
    return format_html('<ul class="type-help" data-type-help>{}</ul>', items)


class AgentForm(forms.ModelForm):
    starters = LinesField(
        required=False,
        label="Starter questions",
        help_text="Shown on an empty chat, one a line. Three or four are enough.",
    )
    fallbacks = LinesField(
        required=False,
        label="Other models",
        help_text="Asked in this order when the model fails, one a line: slugs, or a model's ids.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    memory_policy = forms.ChoiceField(
        required=False,
        choices=MEMORIES,
        label="What it remembers",
        help_text="How much of the conversation the model is shown. The conversation itself is always kept.",
    )
    memory_turns = forms.IntegerField(
        required=False, min_value=0, max_value=1000, label="turns", help_text="For the last turns. Empty: 5."
    )
    memory_max_tokens = forms.IntegerField(
        required=False,
        min_value=200,
        max_value=1_000_000,
        label="tokens",
        help_text="For the newest turns that fit. Empty: 2,000.",
    )
    memory_model = forms.CharField(
        required=False, label="model for summaries", help_text="A slug, or a model's id. Empty: the agent's own."
    )
    ai_prefix = forms.CharField(required=False, label="name of the agent", help_text="Empty: AI.")
    human_prefix = forms.CharField(required=False, label="name of the person", help_text="Empty: Human.")

    class Meta:
        model = Agent
        fields = "__all__"  # noqa: DJ007 - the fieldsets of AgentAdmin name them
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MEMORY_FIELDS:
            self.initial.setdefault(f"memory_{name}", self.instance.memory.get(name))
        for name in NAMES:
            self.initial.setdefault(name, self.instance.options.get(name, ""))
        if "agent_type" in self.fields:  # not for those who may only look
            self.fields["agent_type"].help_text = _about_types()
            self.fields["max_steps"].required = False
            self.fields["max_steps"].help_text = "Empty: as many as the type usually needs."
        if self.instance._state.adding:
            self.initial["max_steps"] = None

    def clean_slug(self) -> str:
        """Chains name an agent by its slug, which no constraint knows."""
        slug: str = self.cleaned_data["slug"]
        if (
            self.instance.pk
            and "slug" in self.changed_data
            and (chains := chains_naming("agent", self.initial["slug"]))
        ):
            named = ", ".join(f"“{chain}”" for chain in chains)
            raise ValidationError(f"A chain runs this agent by its slug, so it must stay: {named}.")
        return slug

    def clean_max_steps(self) -> int:
        kind = KINDS.get(self.cleaned_data.get("agent_type", ""))
        usual: int = kind.usual_steps if kind else Agent._meta.get_field("max_steps").default
        given: int | None = self.cleaned_data["max_steps"]
        return usual if given is None else given

    def clean_fallbacks(self) -> list[str]:
        models: list[str] = self.cleaned_data["fallbacks"]
        for model in models:
            if models.count(model) > 1 or model == self.cleaned_data.get("model"):
                raise ValidationError(f"“{model}” would be asked twice: name it once.")
        return models

    def clean(self) -> dict[str, Any]:
        """Whether the parts suit the type, each said at its field; the tools are checked with their rows."""
        cleaned = super().clean()
        self.instance.memory = self._memory(cleaned)
        self.instance.options = {name: cleaned[name] for name in NAMES if cleaned.get(name)}
        if agent_type := cleaned.get("agent_type"):
            agent = Agent(agent_type=agent_type, label=cleaned.get("label", ""), options=self.instance.options)
            self._check_options(agent)
            if agent_type == Agent.Type.CHAIN:
                self._check_chain(cleaned)
                return cleaned
            cleaned["chain"] = None
            if "prompt" not in self.errors and "label" not in self.errors:
                agent.prompt = cleaned.get("prompt")
                self._check_prompt(agent)
        return cleaned

    def _memory(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """All of the conversation is no policy, so it is stored as none."""
        if not cleaned.get("memory_policy"):
            return {}
        given = {name: cleaned.get(f"memory_{name}") for name in MEMORY_FIELDS}
        return {name: value for name, value in given.items() if value not in (None, "")}

    def _check_options(self, agent: Agent) -> None:
        given = next((name for name in NAMES if name in agent.options), NAMES[0])
        self._refuse(given, lambda: check_agent_options(agent))

    def _check_chain(self, cleaned: dict[str, Any]) -> None:
        """A chain brings its own prompts, so one of the agent's own would say something that isn't so."""
        cleaned["prompt"] = None
        agent = Agent(slug=cleaned.get("slug", ""), agent_type=Agent.Type.CHAIN, chain=cleaned.get("chain"))
        self._refuse("chain", lambda: check_agent_chain(agent))

    def _check_prompt(self, agent: Agent) -> None:
        if agent.prompt is None:
            self.add_error("prompt", "Choose the prompt that this agent works with.")
        elif self._refuse("label", lambda: version_in_use(agent)):
            self._refuse("prompt", lambda: check_agent_prompt(agent))

    def _refuse(self, field: str, check: Callable[[], Any]) -> bool:
        """Whether the check found nothing; what it found is said at the field."""
        try:
            check()
        except (ConfigurationError, PromptError) as error:
            self.add_error(field, str(error))
            return False
        return True


class AgentToolForms(forms.BaseInlineFormSet):
    """The tools of an agent, checked together: whether its type takes them, and whether they can be told apart."""

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return "A tool can be given once: take one of the rows away that name the same."

    def get_form_error(self) -> str:
        return "This tool is given above already."

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form.instance for form in self.forms if form.instance.tool_id and not self._should_delete_form(form)]
        try:
            check_agent_tools(self.instance, [row for row in rows if row.tool.enabled])
        except ConfigurationError as error:
            raise ValidationError(str(error)) from error
