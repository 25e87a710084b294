"""Whether an agent can work as it is configured, checked when it is saved rather than when someone chats with it."""

from collections.abc import Sequence

from agents.runtime.agents.function_rules import check_form, check_function_names
from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing.tool_names import means_no_tool, plain
from agents.runtime.prompts import PromptSpec, input_variable, problems
from agents.runtime.prompts.spec import FROM_AGENT
from agents.runtime.tools import Tool

CONVERSATION = "conversation"
ZERO_SHOT_REACT = "zero-shot-react-description"
TOOL_CALLING = "tool-calling"
STRUCTURED = "structured"
AGENT_TYPES = (CONVERSATION, ZERO_SHOT_REACT, TOOL_CALLING, STRUCTURED)


def check_configuration(agent_type: str, spec: PromptSpec, tools: Sequence[Tool]) -> None:
    """Raise ConfigurationError with a sentence that says what to change."""
    check_prompt(agent_type, spec)
    check_tools(agent_type, tools)


def check_prompt(agent_type: str, spec: PromptSpec) -> None:
    """Whether an agent of this type can use the prompt."""
    if agent_type not in AGENT_TYPES:
        raise ConfigurationError(f"There is no agent type “{agent_type}”. Types: {', '.join(AGENT_TYPES)}.")
    input_variable(spec)
    provided = FROM_AGENT if agent_type in (ZERO_SHOT_REACT, TOOL_CALLING) else frozenset()
    for problem in problems(spec, provided=provided):
        if problem.level == "error" or problem.code.startswith("agent_only:"):
            raise ConfigurationError(f"The prompt can't be used by this agent: {problem.detail}")
    if agent_type == STRUCTURED:
        check_form(spec)


def check_tools(agent_type: str, tools: Sequence[Tool]) -> None:
    """Whether an agent of this type can use these tools, and tell them apart."""
    if agent_type in (CONVERSATION, STRUCTURED):
        if tools:
            raise ConfigurationError("This type of agent uses no tools: remove them or choose another type of agent.")
        return
    if not tools:
        raise ConfigurationError("This type of agent reasons with tools, and needs at least one.")
    spelled: dict[str, str] = {}
    for tool in tools:
        if not tool.description.strip():
            raise ConfigurationError(f"The tool {tool.name} has no description, so no model knows when to use it.")
        if not plain(tool.name) or "\n" in tool.name or means_no_tool(tool.name):
            raise ConfigurationError(f"“{tool.name}” can't be the name of a tool.")
        if other := spelled.get(plain(tool.name)):
            raise ConfigurationError(f"The tools {other} and {tool.name} can't be told apart: rename one.")
        spelled[plain(tool.name)] = tool.name
    if agent_type == TOOL_CALLING:
        check_function_names(tools)
