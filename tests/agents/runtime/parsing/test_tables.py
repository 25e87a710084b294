"""Replies that follow the protocols, more or less: the tables of the specification, and what small models write."""

import pytest

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing import parse
from tests.agents.runtime.parsing.tables import CONVERSATIONAL, DOCSTORE, SELF_ASK, TOOLS, ZERO_SHOT, as_data, cases


@pytest.mark.parametrize(("agent_type", "case"), cases())
def test_a_reply_means_what_the_table_says(agent_type, case):
    assert as_data(parse(agent_type, case["text"], TOOLS[agent_type], case["finish_reason"])) == case["result"]


@pytest.mark.parametrize(
    ("agent_type", "text", "tool"),
    [
        (ZERO_SHOT, "Action: `Anything`\nAction Input: x", "Anything"),
        (CONVERSATIONAL, "Action: Anything\nAction Input: x", "Anything"),
        (DOCSTORE, "Action: lookup[x]", "Lookup"),
        (SELF_ASK, "Follow up: x", "Intermediate Answer"),
    ],
)
def test_without_a_list_of_tools_every_name_is_known(agent_type, text, tool):
    assert as_data(parse(agent_type, text)) == {"kind": "action", "tool": tool, "input": "x"}


def test_without_a_list_of_tools_an_action_with_an_input_ends_an_answer():
    assert parse(ZERO_SHOT, "Final Answer: a\nAction: buy milk").answer == "a\nAction: buy milk"
    assert parse(ZERO_SHOT, "Final Answer: a\nAction: Search\nAction Input: b").answer == "a"


def test_a_tool_that_an_agent_lacks_is_not_run():
    assert parse(DOCSTORE, "Action: Lookup[x]", {"Search": "text"}).code == "bad_action"
    assert parse(SELF_ASK, "Follow up: x", {"Search": "text"}).requested == "Intermediate Answer"


@pytest.mark.parametrize("agent_type", [ZERO_SHOT, CONVERSATIONAL])
@pytest.mark.parametrize(
    "name", ["Search (web)", "Do-it!", "Search.", "(Search)", "Weather {city}", "Search[x]", "`x`"]
)
def test_a_tool_may_have_a_name_that_looks_decorated(agent_type, name):
    called = {"kind": "action", "tool": name, "input": "x"}
    for written in (name, f"`{name}`", name.lower(), f"the {name} tool"):
        assert as_data(parse(agent_type, f"Action: {written}\nAction Input: x", {name: "text"})) == called


def test_the_tool_that_is_named_to_the_letter_comes_first():
    tools = {"Search": "text", "Search tool": "text", "Use Search": "text"}
    for name in tools:
        assert parse(ZERO_SHOT, f"Action: {name}\nAction Input: x", tools).tool == name


def test_a_name_with_brackets_is_no_call_of_another_tool():
    missing = parse(ZERO_SHOT, "Action: Search (web)", {"Search": "text", "Search (web)": "text"})

    assert (missing.code, missing.tool) == ("missing_action_input", "Search (web)")


def test_an_unknown_type_is_refused():
    with pytest.raises(ConfigurationError):
        parse("oracle", "x")
