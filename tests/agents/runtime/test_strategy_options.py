"""What can be said to a strategy, and what is refused."""

import pytest

from agents.runtime.errors import PromptError
from agents.runtime.prompts import parse_prompt, problems
from agents.runtime.prompts.strategies import StrategyOptions, calls_of, parse_options


def prompt(strategy, options):
    messages = [{"role": "user", "content": "{{ question }}"}]
    return parse_prompt({"messages": messages, "strategy": strategy, "strategy_options": options})


def test_what_is_not_said_has_its_default():
    options = prompt("self_consistency", {"samples": 10, "pick": None}).options

    assert options == StrategyOptions(samples=10, temperature=0.7, pick="vote", min_agreement=None, early_stop=True)


def test_options_of_another_strategy_are_kept_and_have_no_effect():
    spec = prompt("pal", {"samples": 0, "repairs": 2})

    assert (problems(spec), spec.options) == ([], StrategyOptions(repairs=2))


@pytest.mark.parametrize(
    ("strategy", "option", "value", "allowed"),
    [
        ("zero_shot_cot", "trigger", 3, "a text"),
        ("zero_shot_cot", "two_stage", "yes", "true or false"),
        ("self_consistency", "samples", 41, "from 1 to 40"),
        ("self_consistency", "samples", True, "from 1 to 40"),
        ("self_consistency", "temperature", 0, "all samples would be the same"),
        ("self_consistency", "pick", ["vote"], "vote or model"),
        ("self_consistency", "min_agreement", 70, "from 0 to 1"),
        ("self_consistency", "early_stop", 1, "true or false"),
        ("least_to_most", "max_subquestions", 0, "from 1 to 8"),
        ("pal", "repairs", 1.5, "from 0 to 2"),
    ],
)
def test_an_option_that_cannot_be_meant_is_a_problem_with_a_sentence(strategy, option, value, allowed):
    spec = prompt(strategy, {option: value})

    (problem,) = problems(spec)
    assert (problem.level, problem.code) == ("error", f"bad_option:{option}")
    assert allowed in problem.detail and problem.detail.startswith(f"The option {option} of {strategy} is ")
    with pytest.raises(PromptError) as refused:
        parse_options(strategy, spec.strategy_options)
    assert refused.value.detail == problem.detail


def test_an_option_that_no_strategy_has_is_warned_about():
    (problem,) = problems(prompt("self_consistency", {"smaples": 3}))

    assert (problem.level, problem.code) == ("warning", "unknown_option:smaples")


def test_the_result_of_a_program_is_warned_about_where_none_runs():
    messages = [{"role": "user", "content": "{{ question }}"}]
    output = {"kind": "number", "extract": "program"}

    found = [problems(parse_prompt({"messages": messages, "output": output, "strategy": s})) for s in ("direct", "pal")]

    assert [[problem.code for problem in each] for each in found] == [["no_program"], []]


@pytest.mark.parametrize(
    ("strategy", "options", "calls"),
    [
        ("direct", {}, (1, 1)),
        ("zero_shot_cot", {}, (1, 1)),
        ("zero_shot_cot", {"two_stage": True}, (2, 2)),
        ("self_consistency", {"early_stop": False}, (5, 5)),
        ("self_consistency", {}, (3, 5)),
        ("self_consistency", {"samples": 4, "pick": "model"}, (5, 5)),
        ("least_to_most", {}, (2, 9)),
        ("pal", {}, (1, 2)),
    ],
)
def test_the_calls_of_a_strategy_are_known_beforehand(strategy, options, calls):
    assert calls_of(strategy, parse_options(strategy, options)) == calls
