"""How a worked example is shown to the model: as a question and the answer it should have given."""

from collections.abc import Mapping
from typing import Any

from agents.runtime.answers import format_instruction
from agents.runtime.llm import Message
from agents.runtime.prompts.spec import Example, PromptSpec


def example_messages(spec: PromptSpec, example: Example, provided: Mapping[str, Any]) -> list[Message]:
    question = spec.question
    asked = spec.example_template.user or (question.content if question else "")
    defaults = {v.name: "" if v.default is None else v.default for v in spec.variables if not v.required}
    values = {**provided, **defaults, **example.inputs, "reasoning": example.reasoning, "output": example.output}
    return [
        Message("user", spec.template(asked).render(values)),
        Message("assistant", _answer(spec, example, values)),
    ]


def _answer(spec: PromptSpec, example: Example, values: Mapping[str, Any]) -> str:
    """By the prompt's own template, else the answer as the format instruction asks for it."""
    if spec.example_template.assistant is not None:
        return spec.template(spec.example_template.assistant).render(values).strip()
    label = spec.output.answer_label
    labelled = spec.reasons or f"“{label} …”" in format_instruction(spec.output)
    answer = f"{label} {example.output}" if labelled and spec.output.kind != "json" else example.output
    return f"{example.reasoning}\n{answer}" if spec.reasons and example.reasoning else answer
