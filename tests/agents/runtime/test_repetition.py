"""When an agent goes in circles (agents.md B.8)."""

import pytest

from agents.runtime.repetition import Repetition


def verdicts(*calls, tool="Search"):
    """What is said of each of these calls, all of which find something when they are made."""
    repetition, said = Repetition(), []
    for call in calls:
        repetition.begin_turn()
        said.append(repetition.judge(tool, call))
        if said[-1] == "run":
            repetition.remember(tool, call, f"about {call}", error=None)
    return said


def test_a_second_time_it_is_known_and_a_third_time_is_the_end():
    assert verdicts("a", "a", "a") == ["run", "repeat", "stop"]


@pytest.mark.parametrize("same", [" a  b", "a b\n", "a\tb"])
def test_white_space_makes_no_other_call(same):
    assert verdicts("a b", same) == ["run", "repeat"]


def test_the_order_of_names_makes_no_other_call():
    assert verdicts({"x": 1, "y": [2]}, {"y": [2], "x": 1}) == ["run", "repeat"]
    assert verdicts({"x": 1}, {"x": "1"}) == ["run", "run"]


def test_going_round_is_noticed_too():
    assert verdicts(*"ababa") == ["run", "run", "repeat", "repeat", "stop"]


def test_a_failure_may_differ_next_time_so_it_is_made_again_but_not_for_ever():
    repetition, said = Repetition(), []
    for text in ("busy", "down", "?"):
        repetition.begin_turn()
        said.append(repetition.judge("Search", "a"))
        repetition.remember("Search", "a", text, error="unavailable")

    assert said == ["run", "run", "stop"]
    assert not repetition.keeps_failing


def test_the_same_failure_three_times_in_a_row_is_said():
    repetition = Repetition()
    for given, text in (("a", "Down."), ("b", " down. "), ("c", "DOWN.")):
        assert not repetition.keeps_failing
        repetition.begin_turn()
        repetition.remember("Search", given, text, error="unavailable")

    assert repetition.keeps_failing


def test_a_success_ends_a_row_of_failures():
    repetition = Repetition()
    for error in ("unavailable", "unavailable", None, "unavailable"):
        repetition.begin_turn()
        repetition.remember("Search", "a", "Down.", error=error)

    assert not repetition.keeps_failing


def test_the_same_call_again_in_one_turn_is_known_and_ends_nothing():
    repetition, said = Repetition(), []
    for _ in range(5):
        said.append(repetition.judge("Search", "a"))
        repetition.remember("Search", "a", "about a", error=None)

    assert said == ["run"] + ["repeat"] * 4


def test_a_cycle_within_one_turn_is_none():
    repetition = Repetition()

    assert "stop" not in [repetition.judge("Search", call) for call in "ab" * 3]


def test_the_same_failure_several_times_in_one_turn_counts_once():
    repetition, said = Repetition(), []
    for _ in range(3):
        repetition.begin_turn()
        for given in "abc":
            repetition.remember("Search", given, "Down.", error="unavailable")
        said.append(repetition.keeps_failing)

    assert said == [False, False, True]


def test_a_failure_is_known_in_its_turn_and_made_again_in_the_next():
    repetition, said = Repetition(), []
    for _ in range(2):
        repetition.begin_turn()
        said.append(repetition.judge("Search", "a"))
        repetition.remember("Search", "a", "Down.", error="unavailable")
        said.append(repetition.judge("Search", "a"))

    assert said == ["run", "repeat"] * 2
    assert repetition.known("Search", "a").error == "unavailable"
