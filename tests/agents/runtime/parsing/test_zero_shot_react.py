"""Replies of models that follow the protocol, more or less."""

from dataclasses import asdict

import pytest

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing import parse
from tests.agents.runtime.vectors_of import vectors

AGENT_TYPE = "zero-shot-react-description"
TOOLS = {
    "Search": "text",
    "Calculator": "text",
    "Terminal": "text",
    "Open Meteo API": "text",
    "Python REPL": "code",
    "Weather": "schema",
    "Clock": "none",
}


def as_data(result):
    """A result as the tables write it: what is absent is left out."""
    fields = {"kind": result.kind, **asdict(result)}
    fields.pop("problem", None)
    fields["flags"] = list(fields["flags"])
    absent = {"thought": "", "flags": [], "tool": None}
    return {key: value for key, value in fields.items() if key not in absent or value != absent[key]}


@pytest.mark.parametrize("case", vectors("zero_shot_react"))
def test_a_reply_means_what_the_table_says(case):
    assert as_data(parse(AGENT_TYPE, case["text"], TOOLS, case["finish_reason"])) == case["result"]


def test_without_a_list_of_tools_every_name_is_known():
    assert as_data(parse(AGENT_TYPE, "Action: `Anything`\nAction Input: x")) == {
        "kind": "action",
        "tool": "Anything",
        "input": "x",
    }
    assert parse(AGENT_TYPE, "Final Answer: a\nAction: buy milk").answer == "a\nAction: buy milk"
    assert parse(AGENT_TYPE, "Final Answer: a\nAction: Search\nAction Input: b").answer == "a"


def test_an_unknown_type_is_refused():
    with pytest.raises(ConfigurationError):
        parse("oracle", "x")
