"""Agents: what one is resolved to when a run starts, and whether it can work at all."""

from collections.abc import Iterable
from typing import Any

from agents import build
from agents.models import Agent, AgentTool, PromptLabel, PromptVersion
from agents.runtime.errors import ConfigurationError
from agents.runtime.memory import parse_memory


def version_in_use(agent: Agent) -> PromptVersion:
    """The version behind the agent's label, from the next message on."""
    label = (
        PromptLabel.objects.select_related("version__prompt")
        .filter(prompt_id=agent.prompt_id, name=agent.label)
        .first()
    )
    if label is None:
        raise ConfigurationError(
            f"The prompt “{agent.prompt.slug}” has no version labelled “{agent.label}”. "
            "Publish a version, or move the label to one."
        )
    return label.version


def check_agent_prompt(agent: Agent) -> None:
    """Refuse a prompt that can't work with the agent's type, with a sentence that says what to change."""
    build.check_version(agent.agent_type, version_in_use(agent))


def check_agent_tools(agent: Agent, rows: Iterable[AgentTool]) -> None:
    """Refuse tools that can't work with the agent's type, with a sentence that says what to change."""
    build.check_tool_rows(agent.agent_type, rows)


def check_agent_options(agent: Agent) -> None:
    """Refuse options that the agent's type doesn't know, with a sentence that says what to change."""
    build.check_agent_options(agent.agent_type, agent.options)


def resolve_agent(agent: Agent) -> tuple[PromptVersion, dict[str, Any]]:
    """The version to use and the configuration to store with a run: neither changes under a run once it has started."""
    version = version_in_use(agent)
    parse_memory(agent.memory)
    rows = agent.agent_tools.select_related("tool__collection").filter(tool__enabled=True)
    snapshot = {
        "slug": agent.slug,
        "name": agent.name,
        "agent_type": agent.agent_type,
        "model": agent.model or version.model,
        "max_steps": agent.max_steps,
        "timeout_s": agent.timeout_s,
        "max_total_tokens": agent.max_total_tokens,
        "max_cost": None if agent.max_cost is None else format(agent.max_cost, "f"),
        "on_limit": agent.on_limit,
        "fallbacks": agent.fallbacks,
        "memory": agent.memory,
        "options": agent.options,
        "tools": [build.describe_tool(row) for row in rows],
    }
    return version, snapshot


def resolve_prompt(version: PromptVersion) -> dict[str, Any]:
    """The configuration of a run that addresses a prompt directly, without an agent."""
    return {
        "slug": f"prompt:{version}",
        "name": version.prompt.name,
        "agent_type": Agent.Type.CONVERSATION.value,
        "model": version.model,
        "max_steps": 1,
        "timeout_s": 600,
        "max_total_tokens": 50_000,
        "max_cost": None,
        "on_limit": "generate",
        "fallbacks": [],
        "memory": {},
        "options": {},
        "tools": [],
    }
