"""Agents that can't work are refused when they are saved, with a sentence that says what to change."""

import pytest

from agents.runtime.agents import check_configuration
from agents.runtime.errors import ConfigurationError
from agents.runtime.prompts import parse_prompt
from tests.agents.runtime.fakes import FakeTool, prompt

TOOLS = "tool-calling"
REACT = "zero-shot-react-description"
PLAIN = parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}]})
TWO_INPUTS = parse_prompt({"messages": [{"role": "user", "content": "{{ a }} {{ b }}"}]})
ASKS_FOR_JSON = parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}], "output": {"kind": "json"}})
FORM = parse_prompt(
    {
        "messages": [{"role": "user", "content": "{{ input }}"}],
        "output": {"kind": "json", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}},
    }
)
UNDECLARED = parse_prompt(
    {"messages": [{"role": "user", "content": "{{ input }} {{ who }}"}], "variables": [{"name": "input"}]}
)


def test_what_works_is_accepted():
    check_configuration("conversation", PLAIN, [])
    check_configuration(REACT, prompt(), [FakeTool(), FakeTool("Calculator")])
    check_configuration(TOOLS, prompt(), [FakeTool(), FakeTool("Calculator")])
    check_configuration(TOOLS, PLAIN, [FakeTool("搜索"), FakeTool("搜寻")])
    check_configuration("structured", FORM, [])


@pytest.mark.parametrize(
    ("agent_type", "spec", "tools", "sentence"),
    [
        ("oracle", PLAIN, [], "no agent type “oracle”"),
        ("conversation", TWO_INPUTS, [], "which variable takes the person's message"),
        ("conversation", UNDECLARED, [], "“who” is not declared"),
        ("conversation", prompt(), [], "tools has a value only where an agent runs"),
        ("conversation", PLAIN, [FakeTool()], "uses no tools"),
        (REACT, prompt(), [], "needs at least one"),
        (REACT, prompt(), [FakeTool(description=" ")], "Search has no description"),
        (REACT, prompt(), [FakeTool("Python REPL"), FakeTool("python_repl")], "can't be told apart"),
        (REACT, prompt(), [FakeTool("None")], "can't be the name of a tool"),
        (TOOLS, PLAIN, [], "needs at least one"),
        (TOOLS, PLAIN, [FakeTool(description=" ")], "Search has no description"),
        (TOOLS, PLAIN, [FakeTool("Search!"), FakeTool("Search")], "would both be the function “search” to the model"),
        ("structured", FORM, [FakeTool()], "uses no tools"),
        ("structured", PLAIN, [], "choose the kind json, and give a schema"),
        ("structured", ASKS_FOR_JSON, [], "give a schema"),
    ],
)
def test_what_cannot_work_is_refused(agent_type, spec, tools, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_configuration(agent_type, spec, tools)
