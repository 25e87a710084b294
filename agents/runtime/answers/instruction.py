"""The sentence that tells the model how to write its answer, made from what the extractor will look for."""

import json
import re
from typing import Any

from agents.runtime.answers.spec import OutputSpec


def format_instruction(spec: OutputSpec, *, reasoned: bool = False) -> str:
    """Empty where the prompt says it itself. `reasoned` answers stand below the reasoning, at the end of the reply."""
    if spec.instruction == "none" or spec.extract.mode in ("regex", "program"):
        return ""
    if spec.kind == "json" or spec.extract.mode == "json":
        return _json_instruction(spec, reasoned=reasoned)
    if spec.extract.mode in ("first", "last"):
        return _placed(spec, reasoned=reasoned)
    if spec.kind == "text" and not reasoned and spec.extract.mode == "auto":
        return ""
    return f"End your reply with one line of the form “{spec.answer_label} …”, where … is {form_of(spec)}."


def answer_only(spec: OutputSpec) -> str:
    """How to reply when nothing but the answer is wanted, in words that the extractor understands."""
    if spec.extract.mode == "regex":
        return "Reply again, in the form that the instructions ask for."
    if spec.extract.mode == "program":
        return "Reply again with a program that comes to the answer."
    if spec.kind == "json" or spec.extract.mode == "json":
        return _json_instruction(spec, reasoned=False)
    if spec.extract.mode in ("first", "last"):
        return f"Reply with {form_of(spec)} only."
    return f"Reply with one line of the form “{spec.answer_label} …” only, where … is {form_of(spec)}."


def written_answer(answer: str, spec: OutputSpec, *, reasoned: bool) -> str:
    """An example's answer, written the way the instruction asks for it. `reasoned` ones have a label in any case."""
    if spec.kind == "json" or spec.extract.mode not in ("auto", "after", "json"):
        return answer
    if spec.extract.mode == "json":
        return _with_field(answer, spec)
    labelled = reasoned or f"“{spec.answer_label} …”" in format_instruction(spec)
    return f"{spec.answer_label} {answer}" if labelled else answer


def _with_field(answer: str, spec: OutputSpec) -> str:
    """A JSON object with the answer at its place; a path through a list can't be written without its other entries."""
    content: Any = answer
    if spec.kind == "number" and re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", answer):
        content = json.loads(answer)
    for name in reversed(spec.extract.argument.split(".")):
        content = {name: content}
    return json.dumps(content, ensure_ascii=False)


def form_of(spec: OutputSpec) -> str:
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


def _placed(spec: OutputSpec, *, reasoned: bool) -> str:
    """For answers that are the first or the last thing of their kind in the reply, whatever else it says."""
    if spec.kind == "text":
        return ""
    if not reasoned:
        return f"Reply with {form_of(spec)} only."
    return f"{'Begin' if spec.extract.mode == 'first' else 'End'} your reply with {form_of(spec)}."


def _json_instruction(spec: OutputSpec, *, reasoned: bool) -> str:
    what = "one JSON object" if spec.extract.mode == "json" or _is_object(spec) else "one JSON value"
    asked = f"End your reply with {what}." if reasoned else f"Reply with {what} and nothing else."
    if spec.extract.mode == "json":
        form = "" if spec.kind in ("text", "json") else f": {form_of(spec)}"
        asked += f" Its field “{spec.extract.argument}” is the answer{form}."
    if spec.schema is None:
        return asked
    return f"{asked} It must match this JSON Schema: {json.dumps(spec.schema, ensure_ascii=False)}"


def _is_object(spec: OutputSpec) -> bool:
    return spec.schema is not None and spec.schema.get("type") == "object"
