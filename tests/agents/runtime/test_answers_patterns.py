"""Regular expressions of staff."""

import re

import pytest

from agents.runtime.answers.patterns import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "whole", "group"),
    [
        (r"score=(\S+)", "my score=-1,000 of 5", "score=-1,000", "-1,000"),
        (r"(\w+) ist", "Größe ist", "Größe ist", "Größe"),
        (r"[\w-]+", "…São-Paulo.", "São-Paulo", None),
        (r"\d+", "١٢ apples", "١٢", None),
        (r"a\sb", "a\u00a0b", "a\u00a0b", None),
        (r"[^\s]+", "\u00a0x y", "x", None),
        (r"\W", "é!", "!", None),
        (r"end\Z", "the end", "end", None),
        (r"[]x]+", "a]x", "]x", None),
        (r"[x[]1", "[1", "[1", None),
        (r"\[(\d)\]", "[7]", "[7]", "7"),
        (r"\u00e9", "é", "é", None),
        (r"(?P<answer>a|b)c", "bc", "bc", "b"),
        (r"a(b)?", "a", "a", None),
        (r"x", "\ud800x", "x", None),
    ],
)
def test_a_pattern_means_what_it_means_in_python(pattern, text, whole, group):
    found = compile_pattern(pattern).search(text)

    assert (found.whole, found.group) == (whole, group)
    assert re.search(pattern, text)[0] == whole


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(?<!a)b", r"(a)\1", r"(?P<x>a)(?P=x)"])
def test_what_needs_backtracking_is_refused_with_what_to_do_instead(pattern):
    with pytest.raises(PatternError, match=r"look-around or a back-reference, which aren't available.*\.$"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{3,2}", "a\\", "\ud800", "(a{1000}){1000}", "x{9999}"])
def test_what_is_no_pattern_is_refused_with_a_sentence(pattern):
    with pytest.raises(PatternError, match=r"is no regular expression: .*\.$"):
        compile_pattern(pattern)


def test_a_pattern_that_would_backtrack_for_ever_is_done_at_once():
    assert compile_pattern(r"^(a|a)*(a+)+$").search("a" * 200_000 + "b") is None
