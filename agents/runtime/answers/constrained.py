"""An answer that the server is made to write in its form: the `response_format` of a retry, and the reading of it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from agents.runtime.answers.extraction import NO_ANSWER, Extraction, canonical, extract
from agents.runtime.answers.json_text import canonical_json, json_found
from agents.runtime.answers.schema import violation
from agents.runtime.answers.spec import OutputSpec
from agents.runtime.answers.strict import closed_object, strict_schema, without_nulls
from agents.runtime.parsing.thinking import without_thinking

ANSWER: Final = "answer"


def response_format_of(spec: OutputSpec) -> Mapping[str, Any] | None:
    """The API's `response_format` (agents.md B.11); None for text, which is its own form.

    JSON is asked for by its own schema, other kinds as `{"answer": …}`. A schema whose root is no object is wrapped in
    the same way, since most servers take only objects.
    """
    schema = _schema_of(spec)
    if schema is None:
        return {"type": "json_object"} if spec.kind == "json" else None
    strict = strict_schema(schema)
    described = {"name": ANSWER, "schema": strict or schema, "strict": strict is not None}
    return {"type": "json_schema", "json_schema": described}


def from_constrained(text: str, spec: OutputSpec) -> Extraction:
    """The answer of a reply that `response_format_of` constrained; where a server ignored it, by the extract rule."""
    found = json_found(without_thinking(text).strip())
    if found.cut:
        return NO_ANSWER  # of {"answer": 12 nobody knows the end
    values = found.values
    if spec.kind == "json":
        return _json(values[-1], spec) if values else NO_ANSWER
    answer = values[-1].get(ANSWER) if values and isinstance(values[-1], Mapping) else None
    if answer is None:
        return extract(text, spec)
    return Extraction(canonical(answer, spec), answer if isinstance(answer, str) else json.dumps(answer))


def _json(value: Any, spec: OutputSpec) -> Extraction:
    if _is_wrapped(spec) and isinstance(value, Mapping) and ANSWER in value:
        value = value[ANSWER]
    if spec.schema is not None and violation(value, spec.schema):
        value = without_nulls(value, spec.schema, spec.schema)
    written = canonical_json(value)
    return Extraction(None if violation(value, spec.schema) else written, written)


def _schema_of(spec: OutputSpec) -> Mapping[str, Any] | None:
    match spec.kind:
        case "json":
            return _wrapped(spec.schema) if spec.schema is not None and _is_wrapped(spec) else spec.schema
        case "number":
            return _wrapped({"type": "number"})
        case "boolean":
            return _wrapped({"type": "string", "enum": ["yes", "no"]})
        case "choice":
            return _wrapped({"type": "string", "enum": list(spec.choices)})
        case "label":
            return _wrapped({"type": "string", "enum": list(spec.labels)})
    return None


def _is_wrapped(spec: OutputSpec) -> bool:
    """Whether the root is no object. With a reference to the root it must stay where it is."""
    return spec.schema is not None and spec.schema.get("type") != "object" and '"#"' not in json.dumps(spec.schema)


def _wrapped(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    inside = {key: part for key, part in schema.items() if key not in ("$defs", "$schema", "$id")}
    wrapped = closed_object({ANSWER: inside})
    return {**wrapped, "$defs": schema["$defs"]} if "$defs" in schema else wrapped
