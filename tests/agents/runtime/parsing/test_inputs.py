"""What stands behind a tool's label, as the tool gets it."""

import pytest

from agents.runtime.parsing import parse
from agents.runtime.parsing.arguments import read_arguments
from tests.agents.runtime.parsing.tables import MANY_TOOLS

ZERO_SHOT = "zero-shot-react-description"


def read(tool, written):
    return parse(ZERO_SHOT, f"Action: {tool}\nAction Input: {written}", MANY_TOOLS)


@pytest.mark.parametrize(
    "written", ['{"city": NaN}', "{'city': {'Oslo'}}", "{'city': b'x'}", '{"city": 1e999}', "{1: 2}", "{'a': ...}"]
)
def test_what_json_cannot_say_is_no_object(written):
    assert read("Weather", written).code == "invalid_json_input"


@pytest.mark.parametrize("written", ["{'query': b'x'}", "{'a': {'x', 'y'}}"])
def test_what_json_cannot_say_is_text_where_text_is_wanted(written):
    assert read("Search", written).input == written


@pytest.mark.parametrize("nested", ['{"a":' * 480 + "1" + "}" * 480, '{"a":[' * 200 + "1" + "]}" * 200])
def test_what_is_nested_too_deeply_to_be_checked_is_refused(nested):
    assert read("Weather", nested).code == "invalid_json_input"
    assert read_arguments(nested, {"type": "object"}).code == "invalid_json_arguments"


def test_lines_that_stand_in_a_string_as_they_are_belong_to_it():
    assert read("Weather", '{"city": "O\nslo"}').input == {"city": "O\nslo"}


@pytest.mark.parametrize("written", ["[" * 1000, '{"a":' * 1000])
def test_thousands_of_brackets_are_told_from_an_object(written):
    found = read("Weather", written)
    assert (found.code, bool(found.problem)) == ("invalid_json_input", True)


@pytest.mark.parametrize(
    ("tool", "written", "given"),
    [
        ("Python REPL", "\n```python\nprint(1)\n```\nThis prints 1.", "print(1)"),
        ("Python REPL", "\n```python\nprint(1)\n```\n```python\nprint(2)\n```", "print(1)"),
        ("Calculator", "\n```\n1 + 1\n```\nwhich is two", "1 + 1"),
    ],
)
def test_what_follows_a_fence_explains_it(tool, written, given):
    found = read(tool, written)
    assert (found.input, found.flags) == (given, ("fence_stripped",))


@pytest.mark.parametrize("tool", ["Python REPL", "Search"])
def test_an_empty_fence_is_no_input(tool):
    assert read(tool, "\n```python\n```").code == "missing_action_input"


@pytest.mark.parametrize("written", ["FİNİSH[Ankara]", "Action: Fınısh[x]", "ſearch[x]"])
def test_letters_that_fold_to_those_of_a_command_make_none(written):
    assert parse("react-docstore", written).kind == "retry"
