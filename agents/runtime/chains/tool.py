"""A chain as a tool of an agent: what it does shows beneath the agent's action, and what it says is the observation."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from agents.runtime.chains.agent import ChainAgent
from agents.runtime.chains.spec import ChainSpec
from agents.runtime.chains.spending import Spending
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, ModelCalling, Notice
from agents.runtime.limits import Limits
from agents.runtime.nesting import Nest
from agents.runtime.tools import InputKind, ToolContext, ToolResult

# An agent's chain, whose agent has a chain as a tool …: so many of them in one run.
MOST_DEPTH = 3


@dataclass(slots=True)
class ChainTool:
    """`make` gives the chain as it was when the agent's run began, for the limits that are left."""

    make: Callable[[Limits], Awaitable[ChainAgent]]
    spec: ChainSpec
    name: str
    description: str
    timeout_s: float = 120
    max_output: int = 4000
    limits: Limits = field(default_factory=Limits)
    volatile: bool = False

    @property
    def input_kind(self) -> InputKind:
        """Text where the chain needs one thing, else an object with a value for each input."""
        return "text" if self.spec.input_name else "schema"

    @property
    def schema(self) -> dict[str, Any]:
        """The inputs as a JSON Schema, for models that call functions."""
        kinds = {"number": "number", "boolean": "boolean"}
        properties = {
            variable.name: {
                "type": kinds.get(variable.type, "string"),
                **({"description": variable.description} if variable.description else {}),
                **({"enum": list(variable.choices)} if variable.choices else {}),
            }
            for variable in self.spec.inputs
        }
        return {
            "type": "object",
            "properties": properties,
            "required": self.spec.required,
            "additionalProperties": False,
        }

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        try:
            return await self._run(self._inputs(input), context)
        except PromptError as error:
            return ToolResult(f"{self.name} can't use this input: {error.detail}", error="bad_input")
        except RunError as error:
            return ToolResult(f"{self.name} failed: {error.detail}", error="unavailable")
        except ConfigurationError as error:
            return ToolResult(f"{self.name} can't be used as it is set up: {error}", error="not_configured")

    def _inputs(self, given: Any) -> Mapping[str, Any]:
        if isinstance(given, Mapping):
            return given
        return {self.spec.input_name or "input": given}

    async def _run(self, inputs: Mapping[str, Any], context: ToolContext) -> ToolResult:
        chain = await self.make(self._limits(context))
        nest = Nest(context.number or (lambda: context.step), context.step)
        finished: Finished | None = None
        try:
            async with aclosing(chain.run(inputs)) as events:
                async for event in events:
                    self._report(nest.events(event), context)
                    if isinstance(event, Finished):
                        finished = event
        finally:
            self._report(nest.close(), context)
        return ToolResult(finished.answer if finished else "")

    def _limits(self, context: ToolContext) -> Limits:
        """Its own, or what is left to the run that it is part of."""
        if context.budget is None:
            return self.limits
        shared = Spending(context.budget.limits)
        shared.budget = context.budget
        return shared.left(self.limits)

    def _report(self, events: Iterable[AnyEvent], context: ToolContext) -> None:
        """Without numbers for its steps a caller is told of the model calls alone, as those of its own step."""
        for event in events:
            if context.number or isinstance(event, ModelCalling | ModelCalled | Notice):
                context.report(event)
