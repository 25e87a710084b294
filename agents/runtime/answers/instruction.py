"""The sentence that tells the model how to write its answer, made from what the extractor will look for."""

import json

from agents.runtime.answers.spec import OutputSpec


def format_instruction(spec: OutputSpec, *, reasoned: bool = False) -> str:
    """Empty where the prompt says it itself. `reasoned` answers stand on a line of their own below the reasoning."""
    if spec.instruction == "none" or spec.extract.mode == "regex":
        return ""
    if spec.kind == "json" or spec.extract.mode == "json":
        return _json_instruction(spec, "End your reply with" if reasoned else "Reply with")
    if spec.extract.mode in ("first", "last"):
        return f"Reply with {_form(spec)} only." if spec.kind != "text" else ""
    if spec.kind == "text" and not reasoned and spec.extract.mode == "auto":
        return ""
    return f"End your reply with one line of the form “{spec.answer_label} …”, where … is {_form(spec)}."


def _form(spec: OutputSpec) -> str:
    match spec.kind:
        case "number":
            return "a number"
        case "choice":
            return f"one of {', '.join(spec.choices)}"
        case "boolean":
            return "yes or no"
        case "label":
            return f"one of these labels: {', '.join(spec.labels)}"
    return "the answer"


def _json_instruction(spec: OutputSpec, place: str) -> str:
    if spec.extract.mode == "json":
        asked = f"{place} one JSON object and nothing else. Its field “{spec.extract.argument}” is the answer"
        asked += "." if spec.kind in ("text", "json") else f": {_form(spec)}."
    else:
        asked = f"{place} one JSON value and nothing else."
    if spec.schema is None:
        return asked
    return f"{asked} It must match this JSON Schema: {json.dumps(spec.schema, ensure_ascii=False)}"
