"""Agents and tools: usual forms, refused when the agent could not work."""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from agents.admin.agent_form import NAMES, AgentForm, AgentToolForms
from agents.admin.base import ParleyAdmin, PlainTabular, on_or_off
from agents.admin.site import site
from agents.models import Agent, AgentTool, Tool
from agents.runtime.errors import ConfigurationError, PromptError
from agents.services.agents import check_agent_tools
from agents.services.chains import chains_naming
from agents.tools.registry import BUILTINS


class AgentToolInline(PlainTabular):
    model = AgentTool
    formset = AgentToolForms
    help = (
        "For agents that reason with tools. Name and description: what the model is told here; empty, the tool's own."
    )
    verbose_name = "tool"
    verbose_name_plural = "tools"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "description":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Agent, site=site)
class AgentAdmin(ParleyAdmin):
    form = AgentForm
    inlines = [AgentToolInline]
    list_display = ("name", "slug", "agent_type", "prompt_in_use", "tool_names", on_or_off("enabled", "offered"))
    list_select_related = ("prompt", "chain")
    list_filter = ("agent_type", "enabled")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    empty_title = "No agents yet"
    empty_text = (
        "An agent is a prompt with a way of thinking and tools. Publish a prompt first, then add an agent for it."
    )
    fieldsets = (
        (None, {"fields": ("name", "slug", "description", "starters")}),
        (
            "How it thinks",
            {
                "fields": ("agent_type", ("prompt", "label"), "chain"),
                "description": "The label decides which version is used, from the next message on. An agent of type "
                "Chain runs a chain and has no prompt of its own.",
            },
        ),
        ("Models", {"fields": (("model", "fallbacks"),)}),
        (
            "Memory",
            {"fields": ("memory_policy", ("memory_turns", "memory_max_tokens", "memory_model"))},
        ),
        (
            "Names of the turns",
            {
                "fields": (NAMES,),
                "classes": ("only-conversational-react-description",),
                "description": "For a conversation with tools alone: what stands before the model's reply and, where "
                "the model goes on by itself, before the person's next turn.",
            },
        ),
        ("Limits of one run", {"fields": (("max_steps", "timeout_s", "max_total_tokens"), ("max_cost", "on_limit"))}),
        ("Where it is offered", {"fields": (("enabled", "order"),)}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("agent_tools__tool")

    def get_deleted_objects(self, objs, request):
        """An agent that chains run stays: they name it by its slug, which no constraint knows."""
        going, counts, lacking, protected = super().get_deleted_objects(objs, request)
        chains = [chain for agent in objs for chain in chains_naming("agent", agent.slug)]
        held = [f"The chain “{chain}”, which runs it by its slug" for chain in chains]
        return going, counts, lacking, [*protected, *held]

    @admin.display(description="prompt", ordering="prompt__name")
    def prompt_in_use(self, agent):
        if agent.agent_type == Agent.Type.CHAIN:
            url = reverse("admin:agents_chain_change", args=[agent.chain_id])
            return format_html('<a href="{}">{}</a> <span class="quiet">chain</span>', url, agent.chain.name)
        url = reverse("admin:agents_prompt_change", args=[agent.prompt_id])
        return format_html('<a href="{}">{}</a> <span class="quiet">@{}</span>', url, agent.prompt.slug, agent.label)

    @admin.display(description="tools")
    def tool_names(self, agent):
        return ", ".join(row.name or row.tool.name for row in agent.agent_tools.all()) or "–"


# What a tool does, and whether it does anything: after a change of these its agents are checked.
RUNS = {"enabled", "kind", "builtin", "collection", "chain", "name"}


class ToolForm(forms.ModelForm):
    class Meta:
        model = Tool
        fields = "__all__"  # noqa: DJ007 - the fieldsets of ToolAdmin name them

    def clean(self) -> dict[str, Any]:
        """Whether it is whole, and whether the agents that have it can still work with it."""
        cleaned = super().clean()
        is_chain = cleaned.get("kind") == Tool.Kind.CHAIN
        if is_chain and not cleaned.get("chain"):
            self.add_error("chain", "Choose the chain that this tool runs.")
        if not is_chain and not cleaned.get("builtin"):
            self.add_error("builtin", "Choose which tool of the code this is.")
        if self.instance.pk and not self.errors and cleaned.get("enabled") and RUNS & {*self.changed_data}:
            self._check_agents(Tool(pk=self.instance.pk, **cleaned))
        return cleaned

    def _check_agents(self, tool: Tool) -> None:
        for agent in Agent.objects.filter(agent_tools__tool=tool).distinct():
            rows = list(agent.agent_tools.select_related("tool__chain", "tool__collection"))
            for row in rows:
                row.tool = tool if row.tool_id == tool.pk else row.tool
            try:
                check_agent_tools(agent, [row for row in rows if row.tool.enabled])
            except (ConfigurationError, PromptError) as error:
                self.add_error("chain" if tool.chain else None, f"The agent “{agent}” has this tool. {error}")


@admin.register(Tool, site=site)
class ToolAdmin(ParleyAdmin):
    form = ToolForm
    list_display = (
        "name",
        "slug",
        "kind",
        "builtin",
        "collection",
        "chain",
        "timeout_s",
        on_or_off("enabled", "enabled"),
    )
    list_select_related = ("collection", "chain")
    list_filter = ("kind", "enabled")
    search_fields = ("name", "slug", "description")
    empty_title = "No tools yet"
    empty_text = "A tool is something an agent can do beside talking: calculate, or search a collection of documents."
    fieldsets = (
        (None, {"fields": (("name", "slug"), "description", "enabled")}),
        ("What it does", {"fields": (("kind", "builtin"), "collection", "chain")}),
        ("Limits of one call", {"fields": (("timeout_s", "max_output"), "return_direct")}),
    )

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "builtin":
            choices = [("", "None"), *_builtin_choices()]
            return forms.ChoiceField(choices=choices, required=False, help_text=db_field.help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _builtin_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in BUILTINS]
