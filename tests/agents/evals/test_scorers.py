"""Scorers: what is right, what is wrong, what is refused."""

import pytest

from agents.evals.scorers import Output, ScorerError, absolute_error, default_scorer, parse_scorer
from agents.runtime.answers import extract, parse_output


def score(name, expected, text, **output):
    spec = parse_output(output or {"kind": "text"})
    return parse_scorer(name).score(expected, Output(text, extract(text, spec)), spec).value


NUMBER = {"kind": "number"}


@pytest.mark.parametrize(
    ("name", "expected", "text", "output", "value"),
    [
        ("exact", "Oslo", "Answer: Oslo", {}, 1),
        ("exact", "Oslo", "Answer: oslo", {}, 0),
        ("normalized", "The Hague", "Answer: hague.", {}, 1),
        ("normalized", ["Nakano", "Nakano, Nagano"], "Answer: Nakano, Nagano", {}, 1),
        ("normalized", "18", "Answer: 18.0", NUMBER, 1),
        ("normalized", True, "Yes, because 3 < 5.", {"kind": "boolean"}, 1),
        ("contains", "kara sea", "It flows into the Kara Sea.", {}, 1),
        ("contains", "Baltic", "It flows into the Kara Sea.", {}, 0),
        (r"regex:score: (\d+)", "7", "Score: 7", {}, 1),
        (r"regex:score: (\d+)", "7", "Score: 8", {}, 0),
        (r"regex:^\{", None, "{}", {}, 1),
        ("regex", r"\bx\d\b", "it is x1", {}, 1),
        ("numeric", "18", "Answer: 18", NUMBER, 1),
        ("numeric", 18, "Answer: $18.00", NUMBER, 1),
        ("numeric", "1/3", "Answer: 1/3", NUMBER, 1),
        ("numeric", "0.3333333", "Answer: 1/3", NUMBER, 1),
        ("numeric", "18", "Answer: 19", NUMBER, 0),
        ("numeric:abs=1", "18", "Answer: 19", NUMBER, 1),
        ("numeric:abs=1", "18", "Answer: 19.5", NUMBER, 0),
        ("numeric:rel=0.1", "200", "Answer: 219", NUMBER, 1),
        ("numeric", [17, 18], "Answer: 18", NUMBER, 1),
        ("choice", "b", "The answer is (B).", {"kind": "choice"}, 1),
        ("label", "Sports", "Answer: sports", {"kind": "label", "labels": ["sports", "news"]}, 1),
        ("json", '{"b": [1, 2.0], "a": true}', 'Here: {"a": true, "b": [1.0, 2]}', {"kind": "json"}, 1),
        ("json", {"a": True}, '{"a": 1}', {"kind": "json"}, 0),
        ("json", {"a": 1}, '{"a": 1, "b": 2}', {"kind": "json"}, 0),
    ],
)
def test_scores(name, expected, text, output, value):
    assert score(name, expected, text, **output) == value


def test_an_unknown_scorer_is_refused_with_the_known_ones():
    with pytest.raises(ScorerError, match="exact, normalized, contains, regex, numeric, choice, label, json"):
        parse_scorer("accuracy")


@pytest.mark.parametrize("name", ["numeric:abs", "numeric:abs=x", "numeric:abs=-1", "numeric:1", "exact:x", "regex:("])
def test_bad_options_are_refused(name):
    with pytest.raises(ScorerError):
        parse_scorer(name)


def test_the_scorer_follows_the_kind_of_output():
    kinds = ["number", "json", "choice", "label", "boolean", "text"]
    assert [default_scorer(kind) for kind in kinds] == ["numeric", "json", *["normalized"] * 4]


def test_how_far_off_an_answer_is():
    assert absolute_error(7, "5") == 2
    assert absolute_error(["7", "4"], "5") == 1
    assert absolute_error("seven", "5") is None
    assert absolute_error("7", None) is None
