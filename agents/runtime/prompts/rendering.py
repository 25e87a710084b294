"""A prompt and its values become the messages of one call: one system message, examples, earlier turns, question."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.runtime.answers import format_instruction
from agents.runtime.llm import Message
from agents.runtime.prompts.examples import example_messages
from agents.runtime.prompts.spec import PromptSpec, Slot
from agents.runtime.prompts.values import fill

STEP_BY_STEP = "Think step by step before you answer."


def render(
    spec: PromptSpec,
    inputs: Mapping[str, Any],
    *,
    history: Sequence[Message] = (),
    provided: Mapping[str, Any] | None = None,
) -> list[Message]:
    """Earlier turns are messages, never templates: braces in what people wrote are inert."""
    given = {"_today": datetime.now(UTC).date().isoformat(), **(provided or {})}
    values = {**fill(spec, {k: v for k, v in inputs.items() if not k.startswith("_")}), **given}
    examples = [message for example in spec.examples for message in example_messages(spec, example, given)]
    filled = {"history": list(history), "examples": examples, "steps": []}
    messages: list[Message] = []
    for item in _with_slots(spec):
        if isinstance(item, Slot):
            messages += filled[item.name]
        else:
            text = spec.template(item.content).render(values)
            messages.append(Message(item.role, _with_trigger(spec, text) if item is spec.question else text))
    return _one_system_message(messages, format_instruction(spec.output, reasoned=spec.reasons))


def _with_slots(spec: PromptSpec) -> list[Any]:
    """The items of the prompt; slots that it doesn't name stand before the last user message."""
    items = list(spec.messages)
    question = next((i for i, item in enumerate(items) if item is spec.question), len(items))
    items[question:question] = [Slot(name) for name in ("examples", "history") if not spec.has_slot(name)]
    return items


def _with_trigger(spec: PromptSpec, question: str) -> str:
    """Zero-shot chain of thought asks for it; with examples they show it."""
    if spec.strategy != "zero_shot_cot":
        return question
    return f"{question}\n\n{spec.strategy_options.get('trigger') or STEP_BY_STEP}"


def _one_system_message(messages: Sequence[Message], instruction: str) -> list[Message]:
    """Several models refuse a second system message, so there is one, and it comes first."""
    parts = [message.content for message in messages if message.role == "system"]
    if instruction:
        parts.append(instruction)
    others = [message for message in messages if message.role != "system"]
    return [Message("system", "\n\n".join(parts)), *others] if parts else others
