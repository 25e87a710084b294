"""One run of what a step runs: beneath the step, and within what is left of the chain's budget."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from agents.runtime.budget import LimitReached
from agents.runtime.chains.spec import HISTORY
from agents.runtime.chains.spending import Account
from agents.runtime.chains.stage import Stage
from agents.runtime.chains.targets import StepTarget
from agents.runtime.errors import RunError
from agents.runtime.events import Finished
from agents.runtime.nesting import Nest

BOUNDS = {"token_budget": "max_total_tokens", "cost_budget": "max_cost"}


class Attempt:
    """`answers`: its answer is the chain's, and is streamed as such."""

    def __init__(self, stage: Stage, target: StepTarget, number: int, *, answers: bool) -> None:
        self.stage = stage
        self.target = target
        self.answers = answers
        self.nest = Nest(stage.number, number, answer_as=None if answers else "observation")

    async def value(self, inputs: Mapping[str, Any]) -> Any:
        """What the next step gets. Raises RunError, or LimitReached where it ended by the chain's budget."""
        try:
            finished = await self._followed(inputs)
            value = self.target.value_of(finished)
        except RunError as error:
            self._check_bounds(error)
            raise
        if self.answers:
            self.stage.ended = finished
        return value

    def take_back(self) -> None:
        """Another text is about to stand in the place of what this one had said. A failed chain keeps it."""
        self.stage.pass_on(self.nest, self.nest.take_back())

    async def _followed(self, inputs: Mapping[str, Any]) -> Finished:
        """The nested run to its end. Earlier turns go where they belong."""
        turns = inputs.get(HISTORY)
        given = {name: value for name, value in inputs.items() if not isinstance(value, tuple)}
        account = Account(self.stage.spending)
        try:
            agent = self.target.make(self.stage.spending.left(self.target.limits))
            async with aclosing(agent.run(given, turns if isinstance(turns, tuple) else ())) as events:
                async for event in events:
                    account.take(event)
                    self.stage.pass_on(self.nest, self.nest.events(event))
                    if isinstance(event, Finished):
                        return event
            raise RuntimeError("a step ended without an answer")
        except (LimitReached, asyncio.CancelledError):
            # An agent takes back what it had begun before its last call, and now doesn't come to that call's end.
            self.stage.pass_on(self.nest, self.nest.restore())
            raise
        finally:
            self._close()

    def _close(self) -> None:
        """What was cut off is over, and its calls have cost what they did."""
        closing = list(self.nest.close())
        for event in closing:
            self.stage.spending.take(event)
        self.stage.pass_on(self.nest, closing)

    def _check_bounds(self, error: RunError) -> None:
        """A step that had no time or no room left ended by the chain's budget, where that is the smaller one."""
        spending, own = self.stage.spending, self.target.limits
        spending.check()
        bound = BOUNDS.get(error.code)
        if bound and getattr(spending.left(own), bound) != getattr(own, bound):
            raise LimitReached(error.code) from error  # type: ignore[arg-type]
