"""What all steps of a chain may use together: one clock, one count of tokens, one sum of money."""

from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from agents.runtime.budget import Budget, LimitReached, now
from agents.runtime.events import AnyEvent, ModelCalled, ModelCalling, Notice
from agents.runtime.limits import Limits
from agents.runtime.llm import Usage

# The notices with which an agent ends early.
LIMITS = ("max_steps", "timeout", "token_budget", "cost_budget", "loop", "format_errors")
Amount = TypeVar("Amount", int, Decimal)


class Spending:
    """The budget of one run of a chain, for steps that each get what is left of it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.budget = Budget(limits)

    @property
    def used(self) -> Usage:
        return self.budget.used

    def check(self) -> None:
        """Before a step, and before each model call within one. Raises LimitReached."""
        self.budget.check(())
        most = self.limits.max_total_tokens
        if most is not None and self.used.total >= most:
            raise LimitReached("token_budget")
        if self.limits.max_cost is not None and self.budget.cost >= self.limits.max_cost:
            raise LimitReached("cost_budget")

    def take(self, event: AnyEvent) -> None:
        """Count a call that has ended; refuse one that is about to begin when nothing is left."""
        if isinstance(event, ModelCalled):
            self.budget.add(event)
        elif isinstance(event, ModelCalling):
            self.check()

    def left(self, own: Limits) -> Limits:
        """The limits of one step: its own, or what is left where that is less."""
        tokens, money = self.limits.max_total_tokens, self.limits.max_cost
        tokens_left = None if tokens is None else max(1, tokens - self.used.total)
        money_left = None if money is None else max(Decimal(0), money - self.budget.cost)
        return replace(
            own,
            timeout_s=max(0.0, min(own.timeout_s, self.budget.deadline - now())),
            max_total_tokens=_less(own.max_total_tokens, tokens_left),
            max_cost=_less(own.max_cost, money_left),
        )


class Account:
    """What the run of one step spends. An agent that has come to a limit and says so may make one more call, for the
    best answer so far: it stands outside of any budget and has a time limit of its own (agents.md B.7)."""

    def __init__(self, spending: Spending) -> None:
        self._spending = spending
        self._ends = False

    def take(self, event: AnyEvent) -> None:
        """Raises LimitReached for any other call that is about to begin when nothing is left."""
        if isinstance(event, Notice) and event.code in LIMITS:
            self._ends = True
        elif isinstance(event, ModelCalling) and self._ends:
            self._ends = False
        else:
            self._spending.take(event)


def _less(one: Amount | None, other: Amount | None) -> Amount | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
