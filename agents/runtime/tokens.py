"""How many tokens a text has, roughly: four characters each. Good enough to bound a run, marked where it is shown."""

from collections.abc import Iterable

from agents.runtime.llm import Message, Request, Usage

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4


def estimated(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def estimated_prompt(messages: Iterable[Message]) -> int:
    return sum(estimated(message.content) + TOKENS_PER_MESSAGE for message in messages)


def estimated_usage(request: Request, text: str) -> Usage:
    return Usage(input=estimated_prompt(request.messages), output=estimated(text), estimated=True)
