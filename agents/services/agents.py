"""Agents: whether one can work at all, and what it is resolved to when a run starts."""

from collections.abc import Iterable, Mapping
from typing import Any

from agents import build
from agents.models import Agent, AgentTool, Chain
from agents.runtime.errors import ConfigurationError
from agents.services import chains
from agents.services.resolution import chain_of, check_takes_message, resolve_agent, resolve_chain, resolve_prompt
from agents.services.versions_in_use import version_in_use

__all__ = [
    "check_agent_chain",
    "check_agent_options",
    "check_agent_prompt",
    "check_agent_tools",
    "resolve_agent",
    "resolve_chain",
    "resolve_prompt",
    "version_in_use",
]


def check_agent_prompt(agent: Agent) -> None:
    """Refuse a prompt that can't work with the agent's type, with a sentence that says what to change."""
    build.check_version(agent.agent_type, version_in_use(agent))


def check_agent_tools(agent: Agent, rows: Iterable[AgentTool]) -> None:
    """Refuse tools that can't work with the agent's type, with a sentence that says what to change."""
    if agent.agent_type == Agent.Type.CHAIN:
        if list(rows):
            raise ConfigurationError("A chain uses no tools of the agent's: remove them, or give them to its agents.")
        return
    rows = list(rows)
    build.check_tool_rows(agent.agent_type, rows)
    for row in rows:
        if row.tool.chain is not None:
            _check_not_itself(agent, row.tool.chain)


def check_agent_options(agent: Agent) -> None:
    """Refuse options that the agent's type doesn't know, with a sentence that says what to change."""
    build.check_agent_options(agent.agent_type, agent.options)


def check_agent_chain(agent: Agent) -> None:
    """Refuse a chain that can't answer a message, or can't run as it is now."""
    chain = chain_of(agent)
    check_takes_message(chain, chains.spec_in_use(chain))
    _check_not_itself(agent, chain)


def _check_not_itself(agent: Agent, chain: Chain) -> None:
    """An agent isn't saved yet when it is given a chain, so the chain's own check can't see the circle."""
    if agent.slug and agent.slug in _agents_in(resolve_chain(chain, depth=1)):
        raise ConfigurationError(f"The chain “{chain.slug}” runs this agent, so the agent can't run the chain.")


def _agents_in(snapshot: Mapping[str, Any]) -> set[str]:
    """The agents that a resolved chain leads to, through their tools and chains too."""
    found: set[str] = set()
    for target in snapshot["targets"].values():
        agent = target.get("agent", {})
        found |= {agent["slug"]} if agent else set()
        inner = [target.get("chain"), agent.get("chain"), *(tool.get("chain") for tool in agent.get("tools", ()))]
        found |= {slug for chain in inner if chain for slug in _agents_in(chain)}
    return found
