"""The vote of samples: agents.md A.3."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.answers import canonical, parse_output
from agents.runtime.answers.vote import decided, vote

VALUES = st.lists(st.sampled_from([None, "1", "2", "3", "1/3"]), max_size=12)


def test_the_answer_with_most_votes_wins_and_who_has_none_abstains():
    result = vote(["7", None, "8", "7", None, "9"])

    assert (result.winner, result.index, result.counts) == ("7", 0, {"7": 2, "8": 1, "9": 1})
    assert (result.agreement, result.answered, result.n) == (0.5, 4, 6)
    assert (result.tie, result.broken_by) == (False, "votes")


def test_a_tie_goes_to_the_more_probable_sample_where_all_have_a_probability():
    result = vote(["7", "8", None, "8", "7"], logprobs=[-0.9, -0.5, None, -0.8, -0.7])

    assert (result.winner, result.index, result.tie, result.broken_by) == ("8", 1, True, "logprob")


@pytest.mark.parametrize("logprobs", [(), [-0.9, None], [-0.9, float("nan")], [-0.5, -0.5], [-0.9]])
def test_a_tie_goes_to_the_earliest_sample_without_probabilities(logprobs):
    result = vote(["7", "8"], logprobs=logprobs)

    assert (result.winner, result.index, result.tie, result.broken_by) == ("7", 0, True, "order")


def test_probabilities_never_outweigh_votes():
    result = vote(["7", "8", "8"], logprobs=[-0.1, -5.0, -4.0])

    assert (result.winner, result.index, result.broken_by) == ("8", 2, "votes")


@pytest.mark.parametrize("samples", [[], [None, None]])
def test_without_any_answer_nobody_wins(samples):
    result = vote(samples)

    assert (result.winner, result.index, result.counts, result.agreement) == (None, None, {}, 0.0)
    assert (result.answered, result.n, result.tie) == (0, len(samples), False)


def test_numbers_that_are_equal_in_value_are_one_vote():
    spec = parse_output({"kind": "number"})

    assert vote([canonical(value, spec) for value in ("18", "18.0", "$18", "17")]).counts == {"18": 3, "17": 1}


@pytest.mark.parametrize(
    ("samples", "remaining", "expected"),
    [
        (["7", "7", "7"], 2, True),
        (["7", "7", "8"], 2, False),
        (["7", "7"], 2, False),  # both others could agree on another: a tie
        (["7", "7", None], 1, True),
        ([None], 0, False),
        ([], 5, False),
    ],
)
def test_sampling_may_stop_when_the_rest_cannot_change_the_result(samples, remaining, expected):
    assert decided(samples, remaining) is expected


@settings(max_examples=60, deadline=None)
@given(VALUES, st.lists(st.one_of(st.none(), st.floats()), max_size=12))
def test_a_vote_adds_up_whatever_the_samples(samples, logprobs):
    result = vote(samples, logprobs=logprobs)

    assert sum(result.counts.values()) == result.answered <= result.n == len(samples)
    assert list(result.counts.values()) == sorted(result.counts.values(), reverse=True)
    assert 0 <= result.agreement <= 1
    if result.winner is not None:
        assert samples[result.index] == result.winner == next(iter(result.counts))


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_what_is_decided_stays_decided(before, after):
    if decided(before, len(after)):
        assert vote(before + after).winner == vote(before).winner
