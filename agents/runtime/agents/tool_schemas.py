"""What a tool takes, as a JSON Schema, and how that is put to a model that reads no schemas."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from agents.runtime.answers import closed_object, strict_schema
from agents.runtime.tools import Tool

INPUT = "input"
NO_ARGUMENTS: Mapping[str, Any] = closed_object({})
ANY_ARGUMENTS: Mapping[str, Any] = {"type": "object"}


def parameters_of(tool: Tool) -> Mapping[str, Any]:
    """The JSON Schema of what the tool takes: its own for schema tools, one string for those that take text or code."""
    match tool.input_kind:
        case "none":
            return NO_ARGUMENTS
        case "schema":
            schema: Mapping[str, Any] | None = getattr(tool, "schema", None)
            return ANY_ARGUMENTS if schema is None else schema
    what = "The code to run." if tool.input_kind == "code" else "What to give the tool, as its description says."
    return closed_object({INPUT: {"type": "string", "description": what}})


def strict_parameters(parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same in the form to which an API can hold the model, where there is one: optional fields are null there."""
    return parameters if parameters is NO_ARGUMENTS else strict_schema(parameters)


def inside(parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The same as a part of a larger schema, and whether it is strict. References would lead astray there."""
    strict = strict_parameters(parameters)
    form = parameters if strict is None else strict
    return (ANY_ARGUMENTS, False) if '"$ref"' in json.dumps(form) else (form, strict is not None)


def example_of(schema: Mapping[str, Any]) -> str:
    """The fields of an object with their types, as JSON."""
    properties = _properties(schema) or {"name": {"type": "value"}}
    return json.dumps({name: _type_of(fields) for name, fields in properties.items()}, ensure_ascii=False)


def fields_said(schema: Mapping[str, Any]) -> Iterator[str]:
    """A line for each field of which there is more to say than its type: meaning, choices, and whether it may miss."""
    required = schema.get("required") or ()
    for name, fields in _properties(schema).items():
        described = fields if isinstance(fields, Mapping) else {}
        allowed = ", ".join(json.dumps(value, ensure_ascii=False) for value in described.get("enum") or ())
        meaning = " ".join(str(described.get("description") or "").split())
        parts = (meaning, f"one of {allowed}" if allowed else "", "" if name in required else "may be left out")
        if said := "; ".join(part for part in parts if part):
            yield f"{name}: {said}"


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _type_of(fields: Any) -> str:
    named = fields.get("type", "value") if isinstance(fields, Mapping) else "value"
    return " or ".join(named) if isinstance(named, list) else str(named)
