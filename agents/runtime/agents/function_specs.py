"""An agent's tools as the functions that a model may call: their names, schemas, and which tool a name means."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.runtime.function_names import FunctionNames
from agents.runtime.llm import FunctionSpec
from agents.runtime.tools import Tool

INPUT = "input"
NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
ANY_ARGUMENTS: Mapping[str, Any] = {"type": "object"}
# What strict mode has no grammar for (agents.md B.11).
NOT_STRICT = frozenset(
    "allOf not if then else dependentRequired dependentSchemas default patternProperties oneOf".split()  # noqa: SIM905
)


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
        parameters = parameters_of(tool)
        name = self.names.function_of(tool.name)
        return FunctionSpec(name, tool.description.strip(), parameters, strict=is_strict(parameters))


def parameters_of(tool: Tool) -> Mapping[str, Any]:
    """The JSON Schema of what the tool takes: its own for schema tools, one string for those that take text or code."""
    match tool.input_kind:
        case "none":
            return NO_ARGUMENTS
        case "schema":
            schema: Mapping[str, Any] | None = getattr(tool, "schema", None)
            return ANY_ARGUMENTS if schema is None else schema
    what = "The code to run." if tool.input_kind == "code" else "What to give the tool, as its description says."
    return {
        "type": "object",
        "properties": {INPUT: {"type": "string", "description": what}},
        "required": [INPUT],
        "additionalProperties": False,
    }


def field_shown(tool: Tool) -> str | None:
    """The argument that people see while it is written; None where it is all of them."""
    return INPUT if tool.input_kind in ("text", "code") else None


def is_read_only(tool: Tool) -> bool:
    """Whether it may run beside others. A tool that gives something new each time may depend on what ran before it."""
    return bool(getattr(tool, "read_only", not tool.volatile))


def is_strict(schema: Any) -> bool:
    """Whether an API can hold the model to the schema as it is: closed objects of which every field is required."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if NOT_STRICT & schema.keys():
        return False
    properties = schema.get("properties", {})
    if "object" in schema.get("type", ()) or "properties" in schema:
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(properties):
            return False
    within = (schema.get(key) for key in ("items", "anyOf"))
    definitions = schema.get("$defs", {})
    return all(map(is_strict, (*within, *properties.values(), *definitions.values())))
