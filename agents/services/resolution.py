"""What an agent, a chain or a prompt is resolved to when a run starts: nothing of it changes under the run."""

from collections.abc import Mapping
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

Resolved = tuple[PromptVersion | None, dict[str, Any]]


def resolve_agent(agent: Agent) -> Resolved:
    """The version to use and the configuration to store with a run: neither changes under a run once it has started."""
    return Resolution().agent(agent, 0)


def resolve_chain(chain: Chain, *, depth: int = 0) -> dict[str, Any]:
    """A chain with all that it leads to, as it is now. Raises ConfigurationError where it can't run."""
    return Resolution().chain(chain, depth)


def chain_of(agent: Agent) -> Chain:
    if agent.chain is None:
        raise ConfigurationError("An agent of this type runs a chain: choose one.")
    return agent.chain


def check_takes_message(chain: Chain, spec: ChainSpec) -> None:
    """Refuse a chain that can't answer a message."""
    if not spec.input_name:
        raise ConfigurationError(
            f"The chain “{chain.slug}” doesn't say which input takes the person's message: name one “input”, "
            f"or leave only one required ({', '.join(spec.required) or 'none is'} now)."
        )


class Resolution:
    """One start: whatever several steps lead to is looked up once, however deep the chains are nested.

    `depth` counts the agents that have led to something through chains as tools.
    """

    def __init__(self) -> None:
        self._catalogue = chains.RowCatalogue()
        self._specs: dict[str, ChainSpec] = {}
        self._chains: dict[tuple[str, int], dict[str, Any]] = {}
        self._targets: dict[tuple[str, str, int], dict[str, Any]] = {}

    def agent(self, agent: Agent, depth: int) -> Resolved:
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
            "tools": [self._tool(row, depth) for row in rows],
        }
        if runs_a_chain:
            chain = chain_of(agent)
            check_takes_message(chain, self._spec(chain))
            snapshot["chain"] = self.chain(chain, depth)
        return version, snapshot

    def _tool(self, row: AgentTool, depth: int) -> dict[str, Any]:
        """A tool as it is stored with a run; a chain with everything that it will run."""
        described = build.describe_tool(row)
        if row.tool.chain is None:
            return described
        if depth >= MOST_DEPTH:
            raise ConfigurationError(
                f"The tool {described['name']} is a chain within chains within chains: {MOST_DEPTH} are the most."
            )
        return {**described, "chain": self.chain(row.tool.chain, depth + 1)}

    def chain(self, chain: Chain, depth: int) -> dict[str, Any]:
        key = (chain.slug, depth)
        if key not in self._chains:
            spec = self._spec(chain)
            steps = [step for step in spec.steps if step.kind in ("prompt", "agent", "chain")]
            targets = {step.id: self._target(step, depth) for step in steps}
            self._chains[key] = {
                "slug": chain.slug,
                "name": chain.name,
                "definition": chains.frozen(spec, chain.definition),
                "targets": targets,
                "output": _output_of(spec, targets),
            }
        return self._chains[key]

    def _spec(self, chain: Chain) -> ChainSpec:
        if chain.slug not in self._specs:
            self._specs[chain.slug] = chains.spec_in_use(chain, self._catalogue)
        return self._specs[chain.slug]

    def _target(self, step: ChainStep, depth: int) -> dict[str, Any]:
        key = (step.kind, step.target, depth)
        if key not in self._targets:
            self._targets[key] = self._made(step, depth)
        return self._targets[key]

    def _made(self, step: ChainStep, depth: int) -> dict[str, Any]:
        if step.kind == "prompt":
            version = resolve(step.target, default=PRODUCTION)
            named = {"version": version.pk, "reference": str(version), "model": version.model}
            return {"kind": "prompt", **named, "output": version.output}
        if step.kind == "chain":
            inner = self.chain(Chain.objects.get(slug=step.target), depth)
            return {"kind": "chain", "chain": inner, "output": inner["output"]}
        agent = Agent.objects.select_related("prompt", "chain").get(slug=step.target)
        used, snapshot = self.agent(agent, depth)
        declares = used is not None and agent.agent_type in chains.TYPES_WITH_OUTPUT
        output = used.output if declares else snapshot.get("chain", {}).get("output", {})
        return {"kind": "agent", "version": used.pk if used else None, "agent": snapshot, "output": output}


def _output_of(spec: ChainSpec, targets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How the answer is declared by the prompt that gives it; nothing where it is a list, or no prompt's."""
    answering = spec.answering
    giver = next((targets[step.id] for step in spec.givers() if step.id in targets), None)
    return dict(giver["output"]) if giver and answering and not answering.each else {}


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
