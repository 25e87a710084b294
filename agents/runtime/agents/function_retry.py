"""Asking for a call once more, in a form that a server with JSON Schema can't let go wrong."""

from typing import Any

from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.tool_schemas import inside, parameters_of
from agents.runtime.answers import closed_object

LONGEST_NAME = 64


def call_format(tool: str, functions: Functions) -> dict[str, Any]:
    """A response format that holds the reply to one call of this tool, written as text and read as any such call is.

    Not by forcing the function: several servers refuse that, or constrain its name alone.
    """
    name = functions.names.function_of(tool)
    arguments, strict = inside(parameters_of(functions.tools[tool]))
    schema = closed_object({"name": {"type": "string", "enum": [name]}, "arguments": dict(arguments)})
    body = {"name": f"call_{name}"[:LONGEST_NAME], "schema": schema, "strict": strict}
    return {"type": "json_schema", "json_schema": body}
