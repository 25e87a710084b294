"""What a step runs, as the runtime has it: something that makes an agent for the limits that are left."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.runtime.answers import Extraction, OutputSpec, extract
from agents.runtime.errors import RunError
from agents.runtime.events import AnyEvent, Finished
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message

NO_ANSWER = "no_answer"


class Runnable(Protocol):
    """An agent, a prompt alone, or a chain: its run ends in `Finished` or raises a RunError. `llm` is what answers."""

    @property
    def llm(self) -> LLM | None: ...

    def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]: ...


@dataclass(frozen=True, slots=True)
class StepTarget:
    """`make` gives the agent for one run within these limits, its own being `limits`.

    `output` says how its answer is read; where the prompt `reasons`, the answer is the marked part of the reply.
    What isn't `idempotent` is never run twice for one result.
    """

    make: Callable[[Limits], Runnable]
    output: OutputSpec = field(default_factory=OutputSpec)
    limits: Limits = field(default_factory=Limits)
    reasons: bool = False
    idempotent: bool = True

    def value_of(self, finished: Finished) -> Any:
        """The answer as the next step gets it: text as text, JSON as data. Raises RunError where there is none."""
        output = self.output
        if output.kind == "text" and output.extract.mode == "auto" and not self.reasons and not finished.extraction:
            return finished.answer.strip()
        found: Extraction = finished.extraction or extract(finished.answer, output)
        if found.value is None:
            raise RunError(NO_ANSWER, f"No {output.kind} was found in the reply.")
        if output.kind == "json":
            return json.loads(found.value)
        return found.shown if output.kind == "text" else found.value
