"""Tokens of messages and requests: their texts, and what a chat format and the tools' schemas add."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

import orjson

from agents.runtime.llm import FunctionSpec, Message, Request, Usage
from agents.runtime.tokens.scripts import estimated, estimated_code

TOKENS_PER_MESSAGE = 3
TOKENS_BEFORE_REPLY = 3
# A call's id, its type and the braces around it.
TOKENS_PER_CALL = 8
SCHEMA_FACTOR = 1.1


def estimated_message(message: Message) -> int:
    tokens = estimated(message.content) + TOKENS_PER_MESSAGE
    for call in message.calls:
        tokens += estimated_code(call.name + call.arguments) + TOKENS_PER_CALL
    return tokens


def estimated_prompt(messages: Iterable[Message]) -> int:
    return sum(estimated_message(message) for message in messages) + TOKENS_BEFORE_REPLY


def estimated_functions(functions: Sequence[FunctionSpec]) -> int:
    return _estimated_schemas([function.to_json() for function in functions])


def estimated_request(request: Request) -> int:
    """All that the model reads before it writes."""
    return estimated_prompt(request.messages) + estimated_functions(request.functions)


def estimated_body(body: Mapping[str, Any]) -> int:
    """The same of a request as `Request.to_json` writes it."""
    tokens = TOKENS_BEFORE_REPLY
    for message in body["messages"]:
        tokens += estimated(message["content"] or "") + TOKENS_PER_MESSAGE
        for call in message.get("tool_calls", ()):
            tokens += estimated_code(call["function"]["name"] + call["function"]["arguments"]) + TOKENS_PER_CALL
    return tokens + _estimated_schemas(body.get("tools", ()))


def estimated_usage(request: Request, text: str) -> Usage:
    return Usage(input=estimated_request(request), output=estimated(text), estimated=True)


def _estimated_schemas(functions: Sequence[Mapping[str, Any]]) -> int:
    """The compact JSON and a tenth more, as servers write it into the prompt in a form of their own."""
    if not functions:
        return 0
    return ceil(estimated_code(orjson.dumps(functions, default=dict).decode()) * SCHEMA_FACTOR)
