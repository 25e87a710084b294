"""A chain as an agent: inputs and earlier turns in, events out."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from agents.runtime.answers import OutputSpec
from agents.runtime.chains.run import ChainRun
from agents.runtime.chains.spec import ChainSpec
from agents.runtime.chains.targets import StepTarget
from agents.runtime.events import AnyEvent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.prompts.values import checked
from agents.runtime.templates.base import missing


class ChainAgent:
    """`spec` has an explicit mapping, `targets` holds what its steps run by their ids (a transform needs none).

    `llm` is the model that writes the answer, None where none does. `run` may be called any number of times.
    """

    def __init__(
        self, spec: ChainSpec, targets: Mapping[str, StepTarget], limits: Limits | None = None, llm: LLM | None = None
    ) -> None:
        self.spec = spec
        self.targets = targets
        self.limits = limits or Limits()
        self.llm = llm

    @property
    def output(self) -> OutputSpec:
        """How the chain's answer is read: as that of the step that gives it."""
        giver = next((self.targets[step.id] for step in self.spec.givers() if step.id in self.targets), None)
        answering = self.spec.answering
        return giver.output if giver and answering and not answering.each else OutputSpec()

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        """Raises PromptError for inputs that are missing or of another type, RunError when a step fails."""
        run = ChainRun(self.spec, self.targets, self._filled(inputs), history, self.limits, self._speaker)
        async with aclosing(run.events()) as events:
            async for event in events:
                yield event

    def within(self, limits: Limits) -> "ChainAgent":
        """The same chain with other limits."""
        return ChainAgent(self.spec, self.targets, limits, self.llm)

    def _speaker(self) -> LLM | None:
        """The model that has the last word at a limit: the one that would have answered, else the first step's."""
        agents = (target.make(self.limits) for target in self.targets.values())
        return self.llm or next((agent.llm for agent in agents if agent.llm), None)

    def _filled(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in inputs.items() if value is not None}
        if absent := [name for name in self.spec.required if name not in given]:
            raise missing(absent)
        return {
            variable.name: checked(variable, given[variable.name]) if variable.name in given else variable.default
            for variable in self.spec.inputs
        }
