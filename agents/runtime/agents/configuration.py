"""Whether an agent can work as it is configured, checked when it is saved rather than when someone chats with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.runtime.agents.registry import KINDS, AgentKind
from agents.runtime.errors import ConfigurationError
from agents.runtime.prompts import PromptSpec, input_variable, problems
from agents.runtime.tools import Tool


def check_configuration(
    agent_type: str, spec: PromptSpec, tools: Sequence[Tool], options: Mapping[str, Any] | None = None
) -> None:
    """Raise ConfigurationError with a sentence that says what to change."""
    check_prompt(agent_type, spec)
    check_tools(agent_type, tools)
    check_options(agent_type, options or {})


def check_prompt(agent_type: str, spec: PromptSpec) -> None:
    """Whether an agent of this type can use the prompt."""
    kind = kind_of(agent_type)
    input_variable(spec)
    for problem in problems(spec, provided=kind.provided):
        if problem.level == "error" or problem.code.startswith("agent_only:"):
            raise ConfigurationError(f"The prompt can't be used by this agent: {problem.detail}")
    kind.check_prompt(spec)


def check_tools(agent_type: str, tools: Sequence[Tool]) -> None:
    """Whether an agent of this type can use these tools, and tell them apart."""
    kind_of(agent_type).check_tools(tools)


def check_options(agent_type: str, options: Mapping[str, Any]) -> None:
    """Whether an agent of this type knows these options."""
    kind_of(agent_type).check_options(options)


def kind_of(agent_type: str) -> AgentKind:
    if agent_type not in KINDS:
        raise ConfigurationError(f"There is no agent type “{agent_type}”. Types: {', '.join(KINDS)}.")
    return KINDS[agent_type]
