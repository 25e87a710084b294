"""A prompt and its values become the messages of one call: one system message, examples, earlier turns, question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agents.runtime.answers import format_instruction
from agents.runtime.llm import Message
from agents.runtime.prompts.examples import placed_examples
from agents.runtime.prompts.selection import Budget, Selected, select
from agents.runtime.prompts.similarity import Likeness
from agents.runtime.prompts.slots import slot_messages
from agents.runtime.prompts.spec import Example, PromptSpec, Slot
from agents.runtime.prompts.values import fill
from agents.runtime.tokens import estimated_prompt

STEP_BY_STEP = "Think step by step before you answer."
# Where nobody knows which language a person prefers. “Answer in {{ _user_language }}.” is right with it, too.
ANY_LANGUAGE = "the language of the question"


def render(
    spec: PromptSpec,
    inputs: Mapping[str, Any],
    *,
    history: Sequence[Message] | None = None,
    provided: Mapping[str, Any] | None = None,
    examples: Sequence[Example] | None = None,
    steps: Sequence[Message] | None = None,
) -> list[Message]:
    """Earlier turns are messages, never templates: braces in what people wrote are inert.

    `provided` are values that the system knows; a person's inputs never go before them. `examples` are those that
    were chosen for these inputs; without them they are chosen here, by their words. PromptError where the inputs
    can't fill the prompt.
    """
    given = {**_built_in(), **(provided or {})}
    if examples is None:
        examples = selected(spec, inputs, history=history, provided=provided).examples
    return _rendered(spec, _values(spec, inputs, given), given, examples, history, steps)


def selected(
    spec: PromptSpec,
    inputs: Mapping[str, Any],
    *,
    history: Sequence[Message] | None = None,
    provided: Mapping[str, Any] | None = None,
    likeness: Likeness | None = None,
) -> Selected:
    """The examples that this prompt shows with these inputs. The budget counts all that is sent, earlier turns too."""
    given = {**_built_in(), **(provided or {})}
    selection = spec.example_template.select
    budget = _budget(spec, inputs, given, history) if selection.by == "budget" else None
    return select(spec.examples, inputs, budget, selection=selection, likeness=likeness)


def _budget(
    spec: PromptSpec, inputs: Mapping[str, Any], given: Mapping[str, Any], history: Sequence[Message] | None
) -> Budget:
    """What the prompt without its examples leaves of the tokens that it may have."""
    bare = _rendered(spec, _values(spec, inputs, given), given, (), history, None)

    def cost(example: Example) -> int:
        return estimated_prompt(placed_examples(spec, [example], given))

    return Budget(spec.example_template.select.max_tokens - estimated_prompt(bare), cost)


def _built_in() -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "_now": now.isoformat(timespec="minutes"),
        "_today": now.date().isoformat(),
        "_user_language": ANY_LANGUAGE,
    }


def _values(spec: PromptSpec, inputs: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {**fill(spec, {name: value for name, value in inputs.items() if not name.startswith("_")}), **given}


def _rendered(
    spec: PromptSpec,
    values: Mapping[str, Any],
    given: Mapping[str, Any],
    examples: Sequence[Example],
    history: Sequence[Message] | None,
    steps: Sequence[Message] | None,
) -> list[Message]:
    filled = {
        "history": [replace(message, part="history") for message in slot_messages(spec, "history", history)],
        "examples": placed_examples(spec, examples, given),
        "steps": slot_messages(spec, "steps", steps),
    }
    messages: list[Message] = []
    for item in _with_slots(spec):
        if isinstance(item, Slot):
            messages += filled[item.name]
        else:
            text = spec.template(item.content).render(values)
            if item is spec.question:
                messages.append(Message("user", _with_trigger(spec, text), part="question"))
            else:
                messages.append(Message(item.role, text))
    return _one_system_message(messages, format_instruction(spec.output, reasoned=spec.reasons))


def _with_slots(spec: PromptSpec) -> list[Any]:
    """The items of the prompt; slots that it doesn't name stand around the last user message."""
    items = list(spec.messages)
    question = next((i for i, item in enumerate(items) if item is spec.question), len(items))
    items[question:question] = [Slot(name) for name in ("examples", "history") if not spec.has_slot(name)]
    return items if spec.has_slot("steps") else [*items, Slot("steps")]


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
