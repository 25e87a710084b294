"""An agent's stored configuration as the agent that runs, and whether it can."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from agents.build import language_models, sandboxes
from agents.build.embeddings import with_chosen_examples
from agents.build.prompts import spec_of
from agents.build.tools import describe_tool, tool_of
from agents.models import AgentTool, PromptVersion
from agents.runtime.agents import check_configuration, check_prompt, check_tools
from agents.runtime.agents.chosen_examples import Agent
from agents.runtime.agents.conversation import Conversation
from agents.runtime.agents.structured import Structured
from agents.runtime.agents.tool_calling import ToolCalling
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.consistency import consistent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM
from agents.runtime.prompts import PromptSpec
from config.db import in_db

RuntimeAgent = Agent


def check(agent_type: str, version: PromptVersion, described_tools: Sequence[Mapping[str, Any]]) -> None:
    """Raise ConfigurationError if an agent of this type can't work with this prompt and these tools."""
    check_configuration(agent_type, spec_of(version), [tool_of(described) for described in described_tools])


def check_version(agent_type: str, version: PromptVersion) -> None:
    """Raise ConfigurationError if an agent of this type can't work with this prompt."""
    check_prompt(agent_type, spec_of(version))


def check_tool_rows(agent_type: str, rows: Iterable[AgentTool]) -> None:
    """Raise ConfigurationError if an agent of this type can't work with these tools."""
    check_tools(agent_type, [tool_of(describe_tool(row)) for row in rows])


async def agent_from(snapshot: Mapping[str, Any], version: PromptVersion) -> tuple[RuntimeAgent, PromptSpec]:
    """The runtime agent of a stored configuration (`services.agents.resolve_agent`), and its prompt."""
    spec = await in_db(spec_of, version)
    llm = await language_models.llm_with_fallbacks(snapshot["model"], snapshot.get("fallbacks", ()))
    limits = limits_of(snapshot)
    if snapshot["agent_type"] in ("zero-shot-react-description", "tool-calling"):
        tools = await in_db(lambda: [tool_of(described) for described in snapshot["tools"]])
        kind = ToolCalling if snapshot["agent_type"] == "tool-calling" else ZeroShotReact
        return with_chosen_examples(llm, spec, lambda prompt: kind(llm, prompt, tools, limits)), spec
    if snapshot["agent_type"] == "structured":
        return with_chosen_examples(llm, spec, lambda prompt: Structured(llm, prompt, limits)), spec
    return _conversation(llm, spec, limits), spec


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


def agent_of_version(version: PromptVersion, llm: LLM, limits: Limits) -> Agent:
    """A version alone, for evaluations: the same answer each time, as far as the server can."""
    return _conversation(llm, consistent(spec_of(version)), limits)


def _conversation(llm: LLM, spec: PromptSpec, limits: Limits) -> Agent:
    return with_chosen_examples(llm, spec, lambda prompt: Conversation(llm, prompt, limits, sandboxes.interpreter()))
