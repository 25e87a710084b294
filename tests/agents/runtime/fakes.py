"""Tools and small helpers for runs in tests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agents.runtime.events import Finished, ModelCalled, StepFinished, StepStarted, TextDelta
from agents.runtime.prompts import parse_prompt
from agents.runtime.tools import InputKind, ToolContext, ToolResult


@dataclass
class FakeTool:
    """Answers by a function and remembers what it was given."""

    name: str = "Search"
    answer: Callable[[Any], str] | str = "343 m"
    error: str | None = None
    description: str = "finds things"
    input_kind: InputKind = "text"
    timeout_s: float = 5
    max_output: int = 4000
    volatile: bool = False
    inputs: list[Any] = field(default_factory=list)

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        self.inputs.append(input)
        text = self.answer if isinstance(self.answer, str) else self.answer(input)
        return ToolResult(text, self.error)


@dataclass
class HangingTool(FakeTool):
    """Never comes back, and remembers whether it was ended."""

    cancelled: bool = False
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return ToolResult("")


def prompt(**fields):
    messages = [{"role": "system", "content": "Help.\n\n{{ tools }}"}, {"role": "user", "content": "{{ input }}"}]
    return parse_prompt({"messages": messages, **fields})


async def drain(events, *, into=None):
    """All events; `into` keeps those that came before a failure."""
    seen = [] if into is None else into
    async for event in events:
        seen.append(event)
    return seen


def steps(events):
    """Kind and final text of every step, in order."""
    kinds, texts = {}, {}
    for event in events:
        if isinstance(event, StepStarted):
            kinds[event.step], texts[event.step] = event.kind, ""
        elif isinstance(event, TextDelta):
            texts[event.step] += event.text
        elif isinstance(event, StepFinished) and event.text is not None:
            texts[event.step] = event.text
    return [(kinds[step], texts[step]) for step in kinds]


def only(events, kind):
    return [event for event in events if isinstance(event, kind)]


def finished(events):
    """The end of a run, which is its last event."""
    assert isinstance(events[-1], Finished)
    open_steps = {e.step for e in only(events, StepStarted)} - {e.step for e in only(events, StepFinished)}
    assert not open_steps
    assert events[-1].usage == sum((call.usage for call in only(events, ModelCalled)), type(events[-1].usage)())
    return events[-1]
