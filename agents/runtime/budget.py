"""What one run may still use: time, tokens and money."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from agents.runtime.events import ModelCalled, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Price, Usage
from agents.runtime.tokens import estimated_prompt


class LimitReached(Exception):
    """A bound of the run, not a failure: what was found so far becomes the answer."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Budget:
    """What one run may still use. The clock is looked at inside calls too, so no slow one overruns it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.used = Usage()
        self.cost = Decimal(0)
        self.deadline = now() + limits.timeout_s

    def check(self, messages: Sequence[Message], price: Price | None = None) -> None:
        """Before a call: time, and tokens and money for at least its prompt. A call without a price costs nothing."""
        if now() >= self.deadline:
            raise LimitReached("timeout")
        asked = Usage(input=estimated_prompt(messages))
        most = self.limits.max_total_tokens
        if most is not None and self.used.total + asked.total > most:
            raise LimitReached("token_budget")
        ahead = Decimal(0) if price is None else price.of(asked)
        if self.limits.max_cost is not None and self.cost + ahead > self.limits.max_cost:
            raise LimitReached("cost_budget")

    def add(self, call: ModelCalled) -> None:
        """Count what a call has used, whoever made it."""
        self.used += call.usage
        self.cost += call.cost or Decimal(0)


def now() -> float:
    return asyncio.get_running_loop().time()
