"""Messages in the form that a server's chat template takes (agents.md A.0)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from agents.runtime.llm import Capabilities, Message

BETWEEN = "\n\n"


def shaped(messages: Sequence[Message], capabilities: Capabilities) -> Sequence[Message]:
    """With the system's text in the first user message, or with roles that alternate, where the server needs it.

    Templates of several open models refuse a system role, a second system message, or two messages of a role in a row.
    """
    if capabilities.system_role == "merge_into_user":
        messages = _without_system(messages)
    elif capabilities.alternate_roles:
        messages = _system_first(messages)
    return _alternating(messages) if capabilities.alternate_roles else messages


def to_json(messages: Iterable[Message], *, with_reasoning: bool) -> list[dict[str, Any]]:
    """As the API takes them. Some servers demand what the model thought in earlier turns, others refuse it."""
    bodies = []
    for message in messages:
        body = message.to_json()
        if with_reasoning and message.reasoning:
            body["reasoning_content"] = message.reasoning
        bodies.append(body)
    return bodies


def _split(messages: Iterable[Message]) -> tuple[str, list[Message]]:
    """The text of all system messages, and the others."""
    others: list[Message] = []
    system: list[str] = []
    for message in messages:
        if message.role != "system":
            others.append(message)
        elif message.content.strip():
            system.append(message.content)
    return BETWEEN.join(system), others


def _system_first(messages: Sequence[Message]) -> list[Message]:
    system, others = _split(messages)
    return [Message("system", system), *others] if system else others


def _without_system(messages: Sequence[Message]) -> list[Message]:
    system, others = _split(messages)
    if not system:
        return others
    for place, message in enumerate(others):
        if message.role == "user":
            others[place] = replace(message, content=f"{system}{BETWEEN}{message.content}")
            return others
    return [Message("user", system), *others]


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """Neighbours of a role joined by a blank line. Calls and their results stay: each result has its own id."""
    joined: list[Message] = []
    for message in messages:
        before = joined[-1] if joined else None
        if before is not None and before.role == message.role != "tool" and not before.calls:
            joined[-1] = _both(before, message)
        else:
            joined.append(message)
    return joined


def _both(first: Message, second: Message) -> Message:
    texts = [text for text in (first.content, second.content) if text]
    thoughts = [text for text in (first.reasoning, second.reasoning) if text]
    return replace(second, content=BETWEEN.join(texts), reasoning=BETWEEN.join(thoughts))
