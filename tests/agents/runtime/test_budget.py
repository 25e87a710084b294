"""What a run may still use, looked at before each call."""

from dataclasses import replace
from decimal import Decimal

import pytest

from agents.runtime.budget import Budget, LimitReached
from agents.runtime.events import ModelCalled
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Price, Usage

PRICE = Price(Decimal(1000), Decimal(1000))
ASKED = [Message("user", "word " * 80)]  # about a hundred tokens, ten cents at that price


def called(**fields):
    """A call that used a hundred tokens and cost ten cents."""
    used = Usage(60, 40)
    return replace(ModelCalled(1, "m", {}, "", "", used, Decimal("0.1"), "stop", 1, 1, 0), **fields)


async def test_money_counts_what_was_spent_and_what_the_prompt_will_cost():
    budget = Budget(Limits(max_cost=Decimal("0.25")))
    budget.check(ASKED, PRICE)
    budget.add(called())
    budget.check(ASKED, PRICE)
    budget.add(called())

    with pytest.raises(LimitReached) as reached:
        budget.check(ASKED, PRICE)
    assert (reached.value.reason, budget.cost, budget.used.total) == ("cost_budget", Decimal("0.2"), 200)


async def test_calls_without_a_price_cost_nothing():
    budget = Budget(Limits(max_cost=Decimal(0)))
    budget.add(called(cost=None))

    budget.check(ASKED)


async def test_without_a_limit_nothing_is_too_dear():
    budget = Budget(Limits())
    budget.add(called(cost=Decimal(1_000_000)))

    budget.check(ASKED, PRICE)
