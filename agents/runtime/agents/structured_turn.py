"""One reply that is to be JSON, shown as a block of code that grows line by line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from agents.runtime.answers import Reading
from agents.runtime.answers.constrained import ANSWER
from agents.runtime.answers.json_text import canonical_json, json_found
from agents.runtime.answers.strict import without_nulls
from agents.runtime.events import Event
from agents.runtime.llm import CallChunk, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.json_view import JsonView
from agents.runtime.parsing.thinking import ThinkingFilter, without_thinking
from agents.runtime.steps import Timeline

OPENING, CLOSING = "```json\n", "\n```"


class StructuredTurn:
    """`text` is the reply: what the model wrote, or the arguments of the function that it was made to call."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._thinking = ThinkingFilter()
        self._view = JsonView()
        self._text: list[str] = []
        self._arguments: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._arguments or self._text).strip()

    def read(self, chunk: TextChunk | CallChunk) -> Iterator[Event]:
        if isinstance(chunk, CallChunk):
            if chunk.place == 0:
                self._arguments.append(chunk.arguments)
                yield from self._answer(chunk.arguments)
        elif chunk.reasoning:
            yield from self._think(chunk.text)
        else:
            self._text.append(chunk.text)
            for thinking, part in self._thinking.feed(chunk.text):
                yield from self._think(part) if thinking else self._answer(part)

    def _think(self, text: str) -> Iterator[Event]:
        """What is thought once the answer has begun isn't shown: the answer would stand there twice."""
        if self._timeline.kind == "answer":
            return
        if self._timeline.kind != "thought":
            text = text.lstrip()
            if text:
                yield from self._timeline.open("thought")
        yield from self._timeline.write(text)

    def _answer(self, text: str) -> Iterator[Event]:
        shown = self._view.feed(text)
        if shown and self._timeline.kind != "answer":
            yield from self._timeline.open("answer")
            yield from self._timeline.write(OPENING)
        if shown:
            yield from self._timeline.write(shown)

    # --- its end

    def settle(self, answer: str) -> Iterator[Event]:
        """The answer that stands, whatever was shown of it."""
        if self._timeline.kind != "answer":
            yield from self._timeline.open("answer")
            yield from self._timeline.write(answer)
        yield from self._timeline.close(answer)

    def take_back(self) -> Iterator[Event]:
        """The reply doesn't count: another one stands in its place."""
        yield from self._timeline.close("" if self._timeline.kind == "answer" else None)

    def cut_off(self) -> str:
        """What was shown, as far as it came, as a whole block of code."""
        return f"{self._timeline.shown}{CLOSING}" if self._timeline.kind == "answer" else ""


def text_of(turn: StructuredTurn, call: ModelCall) -> str:
    """The reply to read; what was not shown in pieces is read as a whole."""
    return turn.text or (call.calls[0].arguments if call.calls else call.text.strip())


def block(reading: Reading, schema: Mapping[str, Any]) -> str:
    """The value as a block of code, its fields in the order in which the model gave them."""
    same = [value for value in _meant(reading.text, schema) if canonical_json(value) == reading.extraction.value]
    value = same[-1] if same else json.loads(reading.extraction.value or "null")
    return f"{OPENING}{json.dumps(value, indent=2, ensure_ascii=False)}{CLOSING}"


def _meant(text: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    """What the JSON of a reply can mean: itself, what it wraps, and either without what strict mode made it write."""
    for value in json_found(without_thinking(text)).values:
        for inner in (value, value[ANSWER]) if isinstance(value, Mapping) and ANSWER in value else (value,):
            yield inner
            yield without_nulls(inner, schema, schema)
