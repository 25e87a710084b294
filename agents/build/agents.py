"""An agent's stored configuration as the agent that runs, and whether it can."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from agents.build import language_models, sandboxes
from agents.build.embeddings import with_chosen_examples
from agents.build.prompts import spec_of
from agents.build.tools import describe_tool, tools_of
from agents.models import Agent, AgentTool, PromptVersion
from agents.runtime.agents import RuntimeAgent, check_configuration, check_options, check_prompt, check_tools, rules
from agents.runtime.agents.parts import Parts
from agents.runtime.agents.registry import KINDS
from agents.runtime.agents.text_agent import TextAgent
from agents.runtime.chains import ChainSpec
from agents.runtime.consistency import consistent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.prompts import PromptSpec, input_variable
from agents.runtime.scripted import ScriptedLLM
from config.db import in_db


def check(
    agent_type: str,
    version: PromptVersion,
    described_tools: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any] | None = None,
) -> None:
    """Raise ConfigurationError if an agent of this type can't work with this prompt, these tools and options."""
    check_configuration(agent_type, spec_of(version), tools_of(agent_type, described_tools), options)


def check_version(agent_type: str, version: PromptVersion) -> None:
    """Raise ConfigurationError if an agent of this type can't work with this prompt."""
    check_prompt(agent_type, spec_of(version))


def check_tool_rows(agent_type: str, rows: Iterable[AgentTool]) -> None:
    """Raise ConfigurationError if an agent of this type can't work with these tools."""
    tools = tools_of(agent_type, [describe_tool(row) for row in rows])
    if agent_type == Agent.Type.CHAIN:
        rules.no_tools(tools)
    else:
        check_tools(agent_type, tools)


def check_agent_options(agent_type: str, options: Mapping[str, Any]) -> None:
    """Raise ConfigurationError if an agent of this type doesn't know these options."""
    if agent_type == Agent.Type.CHAIN:
        rules.no_options(options)
    else:
        check_options(agent_type, options)


async def agent_from(
    snapshot: Mapping[str, Any], version: PromptVersion | None
) -> tuple[RuntimeAgent, PromptSpec | ChainSpec]:
    """The runtime agent of a stored configuration (`services.agents.resolve_agent`), and its prompt or chain."""
    limits = limits_of(snapshot)
    if version is None:
        from agents.build.chains import chain_from  # chains are made of agents

        chain = await chain_from(snapshot["chain"], limits)
        return chain, chain.spec
    make, spec = await maker_of(snapshot, version)
    return make(limits), spec


async def maker_of(
    snapshot: Mapping[str, Any], version: PromptVersion
) -> tuple[Callable[[Limits], RuntimeAgent], PromptSpec]:
    """What makes the agent of a stored configuration for the limits that it is to keep to, and its prompt."""
    spec = await in_db(spec_of, version)
    llm = await language_models.llm_with_fallbacks(snapshot["model"], snapshot.get("fallbacks", ()))
    tools = await in_db(tools_of, snapshot["agent_type"], snapshot["tools"])
    direct = frozenset(described["name"] for described in snapshot["tools"] if described.get("return_direct"))
    options, sandbox = snapshot.get("options", {}), sandboxes.interpreter()
    parts = Parts(llm, spec, tuple(tools), options=options, direct=direct, interpreter=sandbox)
    return lambda limits: made(snapshot["agent_type"], replace(parts, limits=limits)), spec


def made(agent_type: str, parts: Parts) -> RuntimeAgent:
    """An agent of these parts, with the examples of its prompt chosen for each question."""
    make = KINDS[agent_type].make
    return with_chosen_examples(parts.llm, parts.prompt, lambda prompt: make(replace(parts, prompt=prompt)))


def input_of(spec: PromptSpec | ChainSpec) -> str:
    """The variable of a prompt, or the input of a chain, that a person's message fills."""
    return spec.input_name if isinstance(spec, ChainSpec) else input_variable(spec)


def limits_of(snapshot: Mapping[str, Any]) -> Limits:
    """What a stored configuration allows; runs from before a limit existed go without it."""
    cost = snapshot.get("max_cost")
    return Limits(
        max_steps=snapshot["max_steps"],
        timeout_s=snapshot["timeout_s"],
        max_total_tokens=snapshot["max_total_tokens"],
        max_cost=None if cost is None else Decimal(cost),
        on_limit=snapshot.get("on_limit", "generate"),
    )


def agent_of_version(version: PromptVersion, llm: LLM, limits: Limits) -> RuntimeAgent:
    """A version alone, for evaluations: the same answer each time, as far as the server can."""
    return agent_of_prompt(consistent(spec_of(version)), llm, limits)


def agent_of_prompt(spec: PromptSpec, llm: LLM, limits: Limits) -> RuntimeAgent:
    """A prompt alone, with its strategy."""
    return made("conversation", Parts(llm, spec, limits=limits, interpreter=sandboxes.interpreter()))


def messages_for(agent: Agent, spec: PromptSpec, inputs: Mapping[str, Any]) -> list[Message] | None:
    """What a run of this agent would begin with, where its type adds a format to the prompt; else None."""
    rows = agent.agent_tools.select_related("tool__collection").filter(tool__enabled=True)
    tools = tools_of(agent.agent_type, [describe_tool(row) for row in rows])
    kind = KINDS.get(agent.agent_type)
    made = kind.make(Parts(ScriptedLLM(), spec, tuple(tools), options=agent.options)) if kind else None
    return made.messages(inputs) if isinstance(made, TextAgent) else None
