"""Outcomes are kept apart."""

import pytest

from agents.evals.outcomes import outcome_of


@pytest.mark.parametrize(
    ("text", "answered", "passed", "finish_reason", "outcome"),
    [
        ("Answer: 7", True, True, "stop", "passed"),
        ("Answer: 8", True, False, "stop", "failed"),
        ("Answer: 7, because", True, True, "length", "passed"),
        ("First we", False, False, "length", "truncated"),
        ("I'm sorry, but I can't help with that.", False, False, "stop", "refused"),
        ("", False, False, "content_filter", "refused"),
        ("It depends.", False, False, "stop", "unparseable"),
        ("", False, False, "stop", "unparseable"),
    ],
)
def test_outcomes(text, answered, passed, finish_reason, outcome):
    found = outcome_of(text=text, answered=answered, passed=passed, finish_reason=finish_reason)
    assert found == outcome
