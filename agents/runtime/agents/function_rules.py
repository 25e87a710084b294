"""What the agents that use a server's own means ask of their tools and prompts. Sentences are for staff."""

from collections.abc import Sequence

from agents.runtime.agents.rules import described_tools
from agents.runtime.errors import ConfigurationError
from agents.runtime.function_names import FunctionNames
from agents.runtime.prompts import PromptSpec
from agents.runtime.tools import Tool


def check_function_names(tools: Sequence[Tool]) -> None:
    """`tool-calling`: two tools whose names differ only in what function names can't have are one to the model."""
    described_tools(tools)
    FunctionNames(tool.name for tool in tools)


def check_form(prompt: PromptSpec) -> None:
    """`structured`: the prompt says what the answer looks like."""
    output = prompt.output
    if output.kind != "json" or output.schema is None:
        raise ConfigurationError(
            "This type of agent answers in a JSON Schema: in the prompt's output choose the kind json, "
            "and give a schema."
        )
    if output.extract.mode != "auto":
        raise ConfigurationError("The answer of this type of agent is all of its JSON: set the extract rule to auto.")
