"""Any agent, with the examples of its prompt chosen for each question before it starts."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from agents.runtime.embeddings import Embedder
from agents.runtime.errors import RunError
from agents.runtime.events import AnyEvent, ModelCalled, ModelCalling, Notice
from agents.runtime.llm import LLM, Message
from agents.runtime.prompts import PromptSpec, Selected, select_examples

# Somebody waits for the answer, and the time limit of the run only begins after this.
EMBEDDING_S = 20
TOO_SLOW = f"The embedding model didn't answer within {EMBEDDING_S} s."


class Agent(Protocol):
    """What answers: a strategy, an agent or a chain."""

    llm: LLM

    def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]: ...


class WithChosenExamples:
    """`make` makes the agent of a prompt whose examples are chosen already.

    Where not all are shown, the request of every model call in the trace says which: `examples` are their places
    among the prompt's, from 0, and `examples_left_out` those that ask what is asked.
    """

    def __init__(
        self, llm: LLM, prompt: PromptSpec, make: Callable[[PromptSpec], Agent], embedder: Embedder | None = None
    ) -> None:
        self.llm = llm
        self.prompt = prompt
        self._make = make
        self._embedder = embedder

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        try:
            async with asyncio.timeout(EMBEDDING_S):
                chosen = await select_examples(self.prompt, inputs, self._embedder, history=history)
        except (RunError, TimeoutError) as error:
            why = error.detail if isinstance(error, RunError) else TOO_SLOW
            yield Notice("embedding_failed", f"Examples are chosen by their words. {why}")
            chosen = await select_examples(self.prompt, inputs, history=history)
        if chosen.left_out:
            yield Notice("examples_left_out", _left_out(chosen))
        agent = self._make(self.prompt.with_examples(chosen.examples))
        async with aclosing(agent.run(inputs, history)) as events:
            async for event in events:
                yield _noted(event, chosen) if len(chosen.places) < len(self.prompt.examples) else event


def _noted(event: AnyEvent, chosen: Selected) -> AnyEvent:
    if isinstance(event, ModelCalling | ModelCalled):
        said = {"examples": list(chosen.places)}
        if chosen.left_out:
            said["examples_left_out"] = list(chosen.left_out)
        return replace(event, request={**event.request, **said})
    return event


def _left_out(chosen: Selected) -> str:
    numbers = ", ".join(str(place + 1) for place in chosen.left_out)
    if len(chosen.left_out) == 1:
        return f"Example {numbers} asks exactly this, and was left out: it would give the answer away."
    return f"Examples {numbers} ask exactly this, and were left out: they would give the answer away."
