"""An agent's tools as the functions that a model may call: their names, schemas, and which tool a name means."""

from collections.abc import Sequence

from agents.runtime.agents.tool_schemas import INPUT, parameters_of, strict_parameters
from agents.runtime.function_names import FunctionNames
from agents.runtime.llm import FunctionSpec
from agents.runtime.tools import Tool


class Functions:
    """Raises ConfigurationError where two tools would have the same function name."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.names = FunctionNames(tool.name for tool in tools)
        self.tools = {tool.name: tool for tool in tools}
        self.specs = tuple(self._spec(tool) for tool in tools)

    def tool(self, function: str) -> Tool | None:
        name = self.names.tool_of(function)
        return None if name is None else self.tools[name]

    def _spec(self, tool: Tool) -> FunctionSpec:
        parameters, name = parameters_of(tool), self.names.function_of(tool.name)
        strict = strict_parameters(parameters)
        return FunctionSpec(name, tool.description.strip(), strict or parameters, strict=strict is not None)


def field_shown(tool: Tool) -> str | None:
    """The argument that people see while it is written; None where it is all of them."""
    return INPUT if tool.input_kind in ("text", "code") else None


def is_read_only(tool: Tool) -> bool:
    """Whether it may run beside others. A tool that gives something new each time may depend on what ran before it."""
    return bool(getattr(tool, "read_only", not tool.volatile))
