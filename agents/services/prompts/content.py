"""What a version says, in the keys of the prompt file: read from rows, written to rows, checked, hashed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from agents.build.includes import included
from agents.models import FewShotExample, PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.prompts import Problem, parse_prompt, problems

# Key of the prompt file → field of the row, in the order in which a file is written. Each has a default.
FIELDS = {
    "format": "format",
    "variables": "variables",
    "messages": "messages",
    "example": "example_template",
    "strategy": "strategy",
    "strategy_options": "strategy_options",
    "output": "output",
    "model": "model",
    "parameters": "parameters",
}
# Always written; the other keys only where they hold something.
ALWAYS = ("format", "messages", "strategy", "model")


class PromptProblems(PromptError):
    """A prompt that can't be used, with everything that is wrong with it."""

    def __init__(self, found: Sequence[Problem]) -> None:
        first = found[0]
        super().__init__(first.code, " ".join(_sentence(problem) for problem in found))
        self.problems = list(found)


def content_of(version: PromptVersion) -> dict[str, Any]:
    """The version as a prompt file says it, without slug and name. Examples that are switched off are left out."""
    content = {key: getattr(version, field) for key, field in FIELDS.items()}
    content = {key: value for key, value in content.items() if value or key in ALWAYS}
    examples = [_example_of(row) for row in version.examples.all() if row.enabled]
    if examples:
        content["examples"] = examples
    if version.commit_message:
        content["commit_message"] = version.commit_message
    return content


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of what a model and a scorer see: everything but the commit message, in the written order."""
    seen = {key: value for key, value in content.items() if key != "commit_message"}
    text = json.dumps(seen, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def apply(version: PromptVersion, content: Mapping[str, Any]) -> None:
    """Put a content into the fields of a row (not saved); absent keys mean the defaults."""
    unknown = [str(key) for key in content if key not in (*FIELDS, "examples", "commit_message")]
    if unknown:
        known = ", ".join((*FIELDS, "examples", "commit_message"))
        raise PromptError("unknown_key", f"Unknown key {', '.join(unknown)}. Known keys: {known}.")
    for key, field in FIELDS.items():
        value = content.get(key)
        setattr(version, field, version._meta.get_field(field).get_default() if value is None else value)
    version.commit_message = content.get("commit_message") or ""
    try:
        version.clean_fields(exclude=["prompt", "parent", "author", "messages"])
    except ValidationError as error:
        where, sentences = next(iter(error.message_dict.items()))
        raise PromptError(f"bad:{where}", f"{where}: {' '.join(sentences)}") from error


def rows_of(version: PromptVersion, examples: Iterable[Mapping[str, Any]]) -> list[FewShotExample]:
    """Example rows (not saved) from mappings with inputs, output and, where given, reasoning, enabled, source."""
    return [_row(version, order, example) for order, example in enumerate(examples)]


def check(version: PromptVersion, rows: Iterable[FewShotExample]) -> None:
    """Raise PromptError unless the prompt that these rows make can be rendered."""
    content = {key: getattr(version, field) for key, field in FIELDS.items() if key != "model"}
    data = {key: value for key, value in content.items() if value or key in ALWAYS}
    data["examples"] = [_example_of(row) for row in rows if row.enabled]
    found = [p for p in problems(parse_prompt(data, included(data))) if p.level == "error"]
    if found:
        raise PromptProblems(found)


def _example_of(row: FewShotExample) -> dict[str, Any]:
    example: dict[str, Any] = {"inputs": row.inputs, "output": row.output}
    return {**example, "reasoning": row.reasoning} if row.reasoning else example


def _row(version: PromptVersion, order: int, example: Mapping[str, Any]) -> FewShotExample:
    if not isinstance(example, Mapping):
        raise PromptError("bad_example", f"Example {order + 1} must be a mapping with inputs and output.")
    inputs, output = example.get("inputs"), example.get("output")
    if not isinstance(inputs, Mapping) or output is None:
        raise PromptError("bad_example", f"Example {order + 1} needs inputs (a mapping) and an output.")
    return FewShotExample(
        version=version,
        order=order,
        inputs=dict(inputs),
        reasoning=str(example.get("reasoning") or ""),
        output=_text(output),
        enabled=bool(example.get("enabled", True)),
        source=str(example.get("source") or ""),
    )


def _text(value: Any) -> str:
    """YAML reads 11 as a number and yes as a truth value; the model writes text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False)


def _sentence(problem: Problem) -> str:
    told = not problem.where or problem.detail.casefold().startswith(problem.where.casefold())
    return problem.detail if told else f"{problem.where.capitalize()}: {problem.detail}"
