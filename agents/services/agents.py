"""Agents: what one is resolved to when a run starts, and whether it can work at all."""

from collections.abc import Iterable, Mapping
from typing import Any

from agents import build
from agents.models import Agent, AgentTool, Chain, PromptVersion
from agents.models.prompts import PRODUCTION
from agents.runtime.chains import ChainSpec, ChainStep
from agents.runtime.chains.tool import MOST_DEPTH
from agents.runtime.errors import ConfigurationError
from agents.runtime.memory import parse_memory
from agents.services import chains
from agents.services.prompts.references import resolve
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
    if agent.chain is None:
        raise ConfigurationError("An agent of this type runs a chain: choose one.")
    spec = chains.spec_in_use(agent.chain)
    if not spec.input_name:
        raise ConfigurationError(
            f"The chain “{agent.chain.slug}” doesn't say which input takes the person's message: name one “input”, "
            f"or leave only one required ({', '.join(spec.required) or 'none is'} now)."
        )
    _check_not_itself(agent, agent.chain)


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


def resolve_agent(agent: Agent, *, depth: int = 0) -> tuple[PromptVersion | None, dict[str, Any]]:
    """The version to use and the configuration to store with a run: neither changes under a run once it has started.

    `depth` counts the agents that have led here through chains as tools.
    """
    runs_a_chain = agent.agent_type == Agent.Type.CHAIN
    version = None if runs_a_chain else version_in_use(agent)
    parse_memory(agent.memory)
    rows = agent.agent_tools.select_related("tool__collection", "tool__chain").filter(tool__enabled=True)
    snapshot = {
        "slug": agent.slug,
        "name": agent.name,
        "agent_type": agent.agent_type,
        "model": agent.model or (version.model if version else "default"),
        "max_steps": agent.max_steps,
        "timeout_s": agent.timeout_s,
        "max_total_tokens": agent.max_total_tokens,
        "max_cost": None if agent.max_cost is None else format(agent.max_cost, "f"),
        "on_limit": agent.on_limit,
        "fallbacks": agent.fallbacks,
        "memory": agent.memory,
        "options": agent.options,
        "tools": [_described(row, depth) for row in rows],
    }
    if runs_a_chain:
        check_agent_chain(agent)
        snapshot["chain"] = resolve_chain(agent.chain, depth=depth)
    return version, snapshot


def _described(row: AgentTool, depth: int) -> dict[str, Any]:
    """A tool as it is stored with a run; a chain with everything that it will run."""
    described = build.describe_tool(row)
    if row.tool.chain is None:
        return described
    if depth >= MOST_DEPTH:
        raise ConfigurationError(
            f"The tool {described['name']} is a chain within chains within chains: {MOST_DEPTH} are the most."
        )
    return {**described, "chain": resolve_chain(row.tool.chain, depth=depth + 1)}


def resolve_chain(chain: Chain, *, depth: int = 0) -> dict[str, Any]:
    """A chain with all that it leads to, as it is now. Raises ConfigurationError where it can't run."""
    spec = chains.spec_in_use(chain)
    targets = {step.id: _target(step, depth) for step in spec.steps if step.kind in ("prompt", "agent", "chain")}
    return {
        "slug": chain.slug,
        "name": chain.name,
        "definition": chains.frozen(spec, chain.definition),
        "targets": targets,
        "output": _output_of(spec, targets),
    }


def _output_of(spec: ChainSpec, targets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How the answer is declared by the prompt that gives it; nothing where it is a list, or no prompt's."""
    answering = spec.answering
    giver = next((targets[step.id] for step in spec.givers() if step.id in targets), None)
    return dict(giver["output"]) if giver and answering and not answering.each else {}


def _target(step: ChainStep, depth: int) -> dict[str, Any]:
    if step.kind == "prompt":
        version = resolve(step.target, default=PRODUCTION)
        named = {"version": version.pk, "reference": str(version), "model": version.model}
        return {"kind": "prompt", **named, "output": version.output}
    if step.kind == "chain":
        inner = resolve_chain(Chain.objects.get(slug=step.target), depth=depth)
        return {"kind": "chain", "chain": inner, "output": inner["output"]}
    agent = Agent.objects.select_related("prompt", "chain").get(slug=step.target)
    used, snapshot = resolve_agent(agent, depth=depth)
    declares = used is not None and agent.agent_type in chains.TYPES_WITH_OUTPUT
    output = used.output if declares else snapshot.get("chain", {}).get("output", {})
    return {"kind": "agent", "version": used.pk if used else None, "agent": snapshot, "output": output}


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
