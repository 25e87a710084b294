"""What fills a prompt's slots: whole messages, never text that would have to be taken for one."""

from collections.abc import Sequence
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.llm import Message
from agents.runtime.prompts.spec import PromptSpec, Slot
from agents.runtime.templates.base import missing


def slot_messages(spec: PromptSpec, name: str, given: Any) -> list[Message]:
    """The messages for a slot; None where nothing is given, which a slot may refuse."""
    if given is None:
        if any(isinstance(item, Slot) and item.name == name and not item.optional for item in spec.messages):
            raise missing([name])
        return []
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(m, Message) for m in given):
        detail = f"The slot {name} takes a list of messages, each with a role and a text, and nothing else."
        raise PromptError(f"bad_slot:{name}", detail)
    return list(given)
