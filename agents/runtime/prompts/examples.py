"""How a worked example is shown to the model: as a question and the answer it should have given."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.runtime.answers.instruction import written_answer
from agents.runtime.llm import Message
from agents.runtime.prompts.spec import Example, PromptSpec
from agents.runtime.prompts.values import defaults_of


def placed_examples(spec: PromptSpec, examples: Sequence[Example], provided: Mapping[str, Any]) -> list[Message]:
    """The examples as the prompt places them: messages of their own, or one block for the system message."""
    if spec.example_template.placement == "messages":
        return [message for example in examples for message in example_messages(spec, example, provided)]
    if not examples:
        return []
    template = spec.example_template
    block = [template.prefix, *(example_text(spec, example, provided) for example in examples), template.suffix]
    return [Message("system", template.separator.join(part for part in block if part))]


def example_text(spec: PromptSpec, example: Example, provided: Mapping[str, Any]) -> str:
    """One example as a part of a text."""
    if (text := spec.example_template.text) is not None:
        return spec.template(text).render(_values(spec, example, provided)).strip()
    return "\n".join(message.content for message in example_messages(spec, example, provided))


def example_messages(spec: PromptSpec, example: Example, provided: Mapping[str, Any]) -> list[Message]:
    question = spec.question
    asked = spec.example_template.user or (question.content if question else "")
    values = _values(spec, example, provided)
    return [
        Message("user", spec.template(asked).render(values), part="example"),
        Message("assistant", _answer(spec, example, values), part="example"),
    ]


def _values(spec: PromptSpec, example: Example, provided: Mapping[str, Any]) -> dict[str, Any]:
    """The example's own names go before the prompt's."""
    values = {**provided, **defaults_of(spec), **example.inputs}
    return {**values, "reasoning": example.reasoning, "output": example.output}


def _answer(spec: PromptSpec, example: Example, values: Mapping[str, Any]) -> str:
    """By the prompt's own template, else the answer as the format instruction asks for it."""
    if spec.example_template.assistant is not None:
        return spec.template(spec.example_template.assistant).render(values).strip()
    answer = written_answer(example.output, spec.output, reasoned=spec.reasons)
    return f"{example.reasoning}\n{answer}" if spec.reasons and example.reasoning else answer
