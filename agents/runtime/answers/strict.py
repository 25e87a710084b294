"""A JSON Schema in the strict form that constrained output takes (agents.md B.11), where it can be said in it.

Strict servers write only what the schema allows, but know a part of JSON Schema: every property is required, one that
may be missing is null instead, nothing else is allowed in an object, and there is neither allOf nor if/then/else.
What is only a narrower bound (minLength, uniqueItems) is left out, as the answer is validated in any case.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

MAX_LEVELS: Final = 10
MAX_PROPERTIES: Final = 5_000
MAX_ENUM_VALUES: Final = 1_000
MAX_CHARACTERS: Final = 120_000  # of names, enum and const strings together
LARGE_ENUM: Final = 250
MAX_LARGE_ENUM_CHARACTERS: Final = 15_000

SAYS_WHAT: Final = frozenset({"type", "anyOf", "enum", "const", "$ref"})
BOUNDS: Final = frozenset(
    {"pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"multipleOf", "minItems", "maxItems", "description"}
)
STRUCTURE: Final = frozenset({"properties", "required", "additionalProperties", "items", "$defs"})
LEFT_OUT: Final = frozenset(
    {"default", "title", "examples", "$schema", "$id", "$comment", "minLength", "maxLength", "uniqueItems"}
    | {"minProperties", "maxProperties", "readOnly", "writeOnly", "deprecated"}
)
FORMATS: Final = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})


class _NotStrict(Exception):
    """The schema says something that the strict form can't."""


def closed_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object of exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def strict_schema(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema in its strict form, or None where it has none: allOf, oneOf, open objects, too many properties …"""
    if schema.get("type") != "object" or "anyOf" in schema:
        return None
    try:
        strict = _strict(schema, 1)
    except _NotStrict:
        return None
    return strict if _within_limits(strict) else None


def without_nulls(value: Any, schema: Any, root: Mapping[str, Any]) -> Any:
    """The value as the schema means it: what a strict answer gave as null in place of a missing property is missing."""
    schema = _resolved(schema, root)
    if isinstance(value, list):
        return [without_nulls(item, schema.get("items"), root) for item in value]
    if not isinstance(value, Mapping):
        return value
    properties, required = schema.get("properties") or {}, schema.get("required") or ()
    return {
        name: without_nulls(content, properties.get(name), root)
        for name, content in value.items()
        if content is not None or name in required or name not in properties or _may_be_null(properties[name])
    }


def _strict(schema: Any, level: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or level > MAX_LEVELS or set(schema) - SAYS_WHAT - BOUNDS - STRUCTURE - LEFT_OUT:
        raise _NotStrict
    if not SAYS_WHAT & set(schema):
        raise _NotStrict
    if "$ref" in schema:
        return _reference(schema)
    strict = {key: schema[key] for key in schema if key in BOUNDS | {"type", "enum", "const"}}
    if strict.get("format", "date") not in FORMATS:
        del strict["format"]
    if "anyOf" in schema:
        strict["anyOf"] = [_strict(choice, level) for choice in schema["anyOf"]]
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "object" in kinds:
        strict |= _object(schema, level)
    if "array" in kinds:
        strict["items"] = _strict(schema.get("items"), level + 1)
    if "$defs" in schema:
        strict["$defs"] = {name: _strict(part, level) for name, part in schema["$defs"].items()}
    return strict


def _reference(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A reference stands alone, and points into the schema itself."""
    if schema["$ref"] != "#" and not schema["$ref"].startswith("#/$defs/"):
        raise _NotStrict
    return {"$ref": schema["$ref"]}


def _object(schema: Mapping[str, Any], level: int) -> dict[str, Any]:
    if not schema.get("properties") or schema.get("additionalProperties") not in (None, False):
        raise _NotStrict
    required = schema.get("required") or ()
    if set(required) - set(schema["properties"]):
        raise _NotStrict
    return {
        "properties": {
            name: _strict(part, level + 1) if name in required else _or_null(_strict(part, level + 1))
            for name, part in schema["properties"].items()
        },
        "required": list(schema["properties"]),
        "additionalProperties": False,
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return schema if _may_be_null(schema) else {"anyOf": [schema, {"type": "null"}]}


def _may_be_null(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return True
    if "anyOf" in schema:
        return any(_may_be_null(choice) for choice in schema["anyOf"])
    allowed = schema.get("enum")
    kinds = schema.get("type")
    return (kinds == "null" or (isinstance(kinds, list) and "null" in kinds)) and (allowed is None or None in allowed)


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference into `$defs` names. One that leads on to another is followed no further."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if reference == "#":
        return root
    if isinstance(reference, str):
        schema = (root.get("$defs") or {}).get(reference.removeprefix("#/$defs/"))
    return schema if isinstance(schema, Mapping) else {}


def _within_limits(schema: Mapping[str, Any]) -> bool:
    names: list[str] = []
    values: list[str] = []
    for part in _parts(schema):
        names += [*part.get("properties", ()), *part.get("$defs", ())]
        enum = [_text(value) for value in part.get("enum", ())]
        if len(enum) > LARGE_ENUM and sum(map(len, enum)) > MAX_LARGE_ENUM_CHARACTERS:
            return False
        values += enum
        names += [_text(part["const"])] if "const" in part else []
    characters = sum(map(len, names)) + sum(map(len, values))
    return len(names) <= MAX_PROPERTIES and len(values) <= MAX_ENUM_VALUES and characters <= MAX_CHARACTERS


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    inside = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    for part in [*inside, *([schema["items"]] if "items" in schema else [])]:
        yield from _parts(part)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
