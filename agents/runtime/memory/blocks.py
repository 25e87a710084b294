"""A call's messages in pieces that stay or go as a whole: what the prompt fixes, examples, turns, steps of this run."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.runtime.llm import Message
from agents.runtime.memory.turns import size_of

Kind = Literal["fixed", "example", "history", "step"]
ACTION = re.compile(r"^[ \t]*Action(?: \d+)?[ \t]*:[ \t]*(\S[^\n\[]{0,59})", re.MULTILINE)
# "Observation: " and what other text protocols write before a result.
LABEL = re.compile(r"[A-Z][A-Za-z]*(?: [A-Za-z0-9]+)?: ")
FIRST_OF_RESULT = 200


@dataclass(slots=True)
class Block:
    kind: Kind
    messages: list[Message]

    @property
    def size(self) -> int:
        return size_of(self.messages)

    def tools(self) -> list[str]:
        """The tools that a step called, by the names that it wrote."""
        called = [call.name for message in self.messages for call in message.calls]
        written = (ACTION.search(message.content) for message in self.messages if message.role == "assistant")
        return called or [found[1].strip() for found in written if found]

    def shorten_results(self) -> int:
        """Cut a step's observations to stubs; returns how many tokens that saved."""
        before = self.size
        names = {call.id: call.name for message in self.messages for call in message.calls}
        for place, message in enumerate(self.messages):
            if message.role == "assistant":
                continue
            name = names.get(message.call_id) or next(iter(self.tools()), "a step")
            short = stub(message.content, name)
            if len(short) < len(message.content):
                self.messages[place] = replace(message, content=short)
        return before - self.size


def stub(text: str, tool: str) -> str:
    """What is left of an observation; its label stays."""
    label = LABEL.match(text)
    start = label.end() if label else 0
    beginning = text[start : start + FIRST_OF_RESULT].rstrip()
    return f"{text[:start]}[result of {tool} shortened: {beginning} …]"


def blocks_of(messages: Sequence[Message]) -> list[Block]:
    """The messages in order. By their marks (`Message.part`); without any, those before the last user's are history."""
    question = _question(messages)
    marked = any(message.part for message in messages)
    blocks: list[Block] = []
    for place, message in enumerate(messages):
        kind = _kind(message, marked=marked) if place <= question else "step"
        if place == question or _begins(message, kind, blocks):
            blocks.append(Block("fixed" if place == question else kind, []))
        blocks[-1].messages.append(message)
    return blocks


def messages_of(blocks: Iterable[Block]) -> tuple[Message, ...]:
    return tuple(message for block in blocks for message in block.messages)


def _question(messages: Sequence[Message]) -> int:
    asked = [at for at, message in enumerate(messages) if message.part == "question"]
    plain = [at for at, message in enumerate(messages) if message.role == "user" and not message.part]
    return (asked or plain or [len(messages)])[-1]


def _kind(message: Message, *, marked: bool) -> Kind:
    if message.role == "system":
        return "fixed"
    if message.part in ("example", "history"):
        return "example" if message.part == "example" else "history"
    return "fixed" if marked else "history"


def _begins(message: Message, kind: Kind, blocks: Sequence[Block]) -> bool:
    """Whether a piece begins here: a turn with what a person says, a step with what the model does."""
    if not blocks or blocks[-1].kind != kind:
        return True
    return message.role == ("assistant" if kind == "step" else "user")
