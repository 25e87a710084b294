"""Which part of a conversation the model sees: a pure view, the conversation itself never changes."""

from collections.abc import Sequence

from agents.runtime.llm import Message


def buffer(messages: Sequence[Message]) -> list[Message]:
    """All turns. Answers without text (stopped before the first word) would be refused by several servers."""
    return [message for message in messages if message.content.strip()]
