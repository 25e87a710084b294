"""Finds out what a server understands, by small real calls: for staff, who want to know before an agent does."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from agents.runtime.errors import ModelError
from agents.runtime.llm import FunctionSpec, Message, Reply, Request
from agents.runtime.providers.lessons import Lesson
from agents.runtime.providers.openai_compatible import OpenAICompatible

HELLO = (Message("user", "Say hello."),)
WORD = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
LOOK_UP = FunctionSpec("look_up", "Looks up a word in a dictionary.", WORD)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "greeting", "schema": WORD, "strict": True}}
OBJECT = {"type": "json_object"}
# The server can be asked, but not like this. Everything else says nothing about what it understands.
REFUSALS = frozenset({"bad_request", "unsupported"})
# Understood unless a call of the probe taught otherwise.
TAKEN = ("temperature", "seed", "stream", "stream_usage")


async def probe(llm: OpenAICompatible, *, within_s: float = 60) -> Mapping[str, Lesson]:
    """What came out, by the names of lessons; what stayed unclear, or had no time left, is left out.

    `llm` must be fresh, so that it assumes nothing, and patient for a few seconds only. Raises ModelError where
    the server can't be asked at all.
    """
    ends_at = time.monotonic() + within_s
    await _ask(llm, Request(HELLO, {"temperature": 0, "seed": 1}, max_tokens=1))
    for name, test in TESTS.items():
        if time.monotonic() >= ends_at:
            break
        try:
            _note(llm, name, await test(llm))
        except ModelError as error:
            if error.code in REFUSALS:
                _note(llm, name, False)
            elif error.code != "timeout":
                raise
    for name in TAKEN:
        _note(llm, name, not llm.lessons.refuses(name))
    _note(llm, "max_tokens_param", llm.lessons.get("max_tokens_param", "max_tokens"))
    return llm.lessons.all()


async def _tools(llm: OpenAICompatible) -> bool | None:
    """A server that takes the functions may still have a model that calls none."""
    question = (Message("user", "Use look_up for the word “tea”."),)
    reply = await _ask(llm, Request(question, {"temperature": 0}, max_tokens=32, functions=(LOOK_UP,)))
    return True if reply.calls else None


async def _json_schema(llm: OpenAICompatible) -> bool:
    """Asked for something else, only a server that heeds the schema gives an object."""
    reply = await _ask(llm, Request(HELLO, {"temperature": 0}, max_tokens=8, response_format=SCHEMA))
    return reply.text.lstrip().startswith("{")


async def _json_object(llm: OpenAICompatible) -> bool:
    question = (Message("user", "Say hello as JSON, in prose before it."),)
    reply = await _ask(llm, Request(question, {"temperature": 0}, max_tokens=8, response_format=OBJECT))
    return reply.text.lstrip().startswith("{")


async def _n(llm: OpenAICompatible) -> bool:
    return len((await _ask(llm, Request(HELLO, {"temperature": 1}, max_tokens=1, n=2))).choices) == 2


async def _stop(llm: OpenAICompatible) -> bool | None:
    question = (Message("user", "Write exactly this: 11 22 33 44"),)
    reply = await _ask(llm, Request(question, {"temperature": 0}, max_tokens=16, stop=("33",)))
    return False if "33" in reply.text else (True if "22" in reply.text else None)


async def _alternate_roles(llm: OpenAICompatible) -> bool:
    """Also tells whether there is a system role: what is refused becomes a lesson by itself."""
    messages = (Message("system", "Be brief."), Message("user", "Hello."), *HELLO)
    await _ask(llm, Request(messages, {"temperature": 0}, max_tokens=1))
    _note(llm, "system_role", llm.lessons.get("system_role", "yes"))
    return bool(llm.lessons.get("alternate_roles", False))


TESTS: Mapping[str, Callable[[OpenAICompatible], Awaitable[bool | None]]] = {
    "tools": _tools,
    "json_schema": _json_schema,
    "json_object": _json_object,
    "n": _n,
    "stop": _stop,
    "alternate_roles": _alternate_roles,
}


async def _ask(llm: OpenAICompatible, request: Request) -> Reply:
    chunks = [chunk async for chunk in llm.stream(request)]
    reply = chunks[-1]
    assert isinstance(reply, Reply)
    return reply


def _note(llm: OpenAICompatible, name: str, value: Any) -> None:
    if value is not None:
        llm.lessons.learn(name, value)
