"""What types of agents ask of their tools and options: each a check that raises ConfigurationError.

The sentences are for the staff who save an agent, and say what to change.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing.labels import REACT
from agents.runtime.parsing.tool_names import means_no_tool, plain
from agents.runtime.prompts import PromptSpec
from agents.runtime.tools import Tool

ToolRule = Callable[[Sequence[Tool]], None]
OptionRule = Callable[[Mapping[str, Any]], None]
PromptRule = Callable[[PromptSpec], None]

# Words of the protocols: a tool of that name could not be told from the end of a run.
RESERVED = frozenset({"finalanswer", "finish"})
LONGEST_PREFIX = 40  # characters
NOT_IN_PREFIX = frozenset(":：{}\n")


def no_tools(tools: Sequence[Tool]) -> None:
    if tools:
        raise ConfigurationError("This type of agent uses no tools: remove them or choose another type of agent.")


def described_tools(tools: Sequence[Tool]) -> None:
    """At least one, each with a description and a name that no other can be taken for."""
    if not tools:
        raise ConfigurationError("This type of agent reasons with tools, and needs at least one.")
    spelled: dict[str, str] = {}
    for tool in tools:
        _check_described(tool)
        _check_name(tool)
        if other := spelled.get(plain(tool.name)):
            raise ConfigurationError(f"The tools {other} and {tool.name} can't be told apart: rename one.")
        spelled[plain(tool.name)] = tool.name


def _check_described(tool: Tool) -> None:
    if not tool.description.strip():
        raise ConfigurationError(
            f"The tool {tool.name} has no description, so no model knows when to use it. Give it one."
        )


def _check_name(tool: Tool) -> None:
    nameless = not plain(tool.name) or means_no_tool(tool.name) or plain(tool.name) in RESERVED
    if nameless or "\n" in tool.name or REACT.of(tool.name):
        raise ConfigurationError(f"“{tool.name}” can't be the name of a tool. Give it another name in this agent.")


def exactly(*names: str, how: str) -> ToolRule:
    """These tools under these names, no more and no fewer; `how` says how to come by them."""

    def check(tools: Sequence[Tool]) -> None:
        wanted = " and ".join(f"“{name}”" for name in names)
        many = "one tool" if len(names) == 1 else f"{len(names)} tools"
        needs = f"This type of agent needs exactly {many}, named {wanted}. {how}"
        given = [tool.name for tool in tools]
        if missing := [name for name in names if name not in given]:
            have = f"It has {', '.join(given)}" if given else "It has none"
            raise ConfigurationError(f"{needs} {have}; “{missing[0]}” is missing.")
        if len(given) > len(names):
            extra = next((name for name in given if name not in names), given[-1])
            raise ConfigurationError(f"{needs} Remove {extra}.")
        for tool in tools:
            _check_described(tool)
            if tool.input_kind != "text":
                raise ConfigurationError(f"{tool.name} must take text here. Put another tool in its place.")

    return check


def no_options(options: Mapping[str, Any]) -> None:
    if options:
        raise ConfigurationError(f"This type of agent has no option “{next(iter(options))}”: remove it.")


def prefixes(options: Mapping[str, Any]) -> None:
    """What stands before the turns of the model and of the person."""
    if unknown := [name for name in options if name not in ("ai_prefix", "human_prefix")]:
        raise ConfigurationError(f"This type of agent has no option “{unknown[0]}”: remove it.")
    for prefix in options.values():
        if (
            not isinstance(prefix, str)
            or not prefix.strip()
            or len(prefix) > LONGEST_PREFIX
            or NOT_IN_PREFIX & set(prefix)
        ):
            raise ConfigurationError(
                f"A name such as “AI” or “Human” is one word or a few, without colons and brackets: “{prefix}” isn't."
            )
        if REACT.of(f"{prefix}:"):
            raise ConfigurationError(f"“{prefix}” is a word of the protocol. Choose another name for the turns.")
    named = [plain(prefix) for prefix in ("AI", "Human") if f"{prefix.lower()}_prefix" not in options]
    if len({*named, *(plain(prefix) for prefix in options.values())}) < len(named) + len(options):
        raise ConfigurationError("The agent and the person need different names: change one of the two.")


def any_prompt(prompt: PromptSpec) -> None:
    """Nothing beside what every prompt must be."""
