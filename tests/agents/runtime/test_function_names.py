"""Names of tools as APIs take them, and back."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.errors import ConfigurationError
from agents.runtime.function_names import FunctionNames, function_name


@pytest.mark.parametrize(
    ("tool", "function"),
    [
        ("Search", "search"),
        ("Python REPL", "python_repl"),
        ("PAL-MATH", "pal-math"),
        ("Search (SearxNG)", "search_searxng"),
        ("Météo", "meteo"),
        ("Straße", "strasse"),
        ("a" * 64, "a" * 64),
    ],
)
def test_a_name_is_spelled_as_apis_take_it(tool, function):
    assert function_name(tool) == function


def test_letters_without_a_latin_form_and_long_names_are_told_apart_by_a_hash():
    assert re.fullmatch(r"tool_[0-9a-f]{8}", function_name("搜索"))
    assert re.fullmatch(r"wiki_[0-9a-f]{8}", function_name("Wiki 搜索"))
    assert function_name("搜索") != function_name("搜寻")
    assert re.fullmatch(r"a{55}_[0-9a-f]{8}", function_name("a" * 65))
    assert function_name("a" * 65) != function_name("a" * 66)


def test_the_way_back_forgives_spelling_only():
    names = FunctionNames(["Python REPL", "Search"])

    assert names.functions == ("python_repl", "search")
    assert names.function_of("Python REPL") == "python_repl"
    for spelled in ("python_repl", "Python REPL", "functions.python_repl", "PythonRepl", " `python-repl` "):
        assert names.tool_of(spelled) == "Python REPL"
    for other in ("serach", "", "python", "x" * 1000):
        assert names.tool_of(other) is None


def test_the_way_back_leads_to_names_that_look_decorated():
    for name in ("搜索!", "Search (web)", "`x`"):
        assert FunctionNames([name]).tool_of(name) == name


def test_two_tools_of_one_name_are_refused():
    with pytest.raises(ConfigurationError, match="Search! and search would both be the function “search”"):
        FunctionNames(["Search!", "search"])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=150))
def test_any_name_gets_one_that_every_api_takes(tool):
    assert re.fullmatch(r"[a-z0-9_-]{1,64}", function_name(tool))
    assert FunctionNames([tool]).tool_of(function_name(tool)) == tool
