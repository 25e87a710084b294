"""Strategies by the name that a prompt's version gives."""

from collections.abc import AsyncGenerator, Callable

from agents.runtime.events import AnyEvent
from agents.runtime.prompts import PromptSpec
from agents.runtime.prompts.strategies import parse_options
from agents.runtime.strategies import direct, least_to_most, program_aided, self_consistency, two_stage
from agents.runtime.strategies.work import Work

Strategy = Callable[[Work], AsyncGenerator[AnyEvent]]
STRATEGIES: dict[str, Strategy] = {
    "direct": direct.run,
    "zero_shot_cot": direct.run,
    "few_shot_cot": direct.run,
    "self_consistency": self_consistency.run,
    "least_to_most": least_to_most.run,
    "pal": program_aided.run,
}


def strategy_for(spec: PromptSpec) -> Strategy:
    """The generator that answers with this prompt. Raises PromptError for options that can't be meant."""
    if spec.strategy == "zero_shot_cot" and parse_options(spec.strategy, spec.strategy_options).two_stage:
        return two_stage.run
    return STRATEGIES[spec.strategy]
