"""Agents that can't work are refused when they are saved, with a sentence that says what to change."""

import pytest

from agents.runtime.agents import check_configuration, check_options
from agents.runtime.agents.registry import KINDS
from agents.runtime.errors import ConfigurationError
from agents.runtime.prompts import parse_prompt
from tests.agents.runtime.fakes import FakeTool, prompt

TOOLS = "tool-calling"
REACT = "zero-shot-react-description"
PLAIN = parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}]})
TWO_INPUTS = parse_prompt({"messages": [{"role": "user", "content": "{{ a }} {{ b }}"}]})
UNDECLARED = parse_prompt(
    {"messages": [{"role": "user", "content": "{{ input }} {{ who }}"}], "variables": [{"name": "input"}]}
)
ASKS_FOR_JSON = parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}], "output": {"kind": "json"}})
FORM = parse_prompt(
    {
        "messages": [{"role": "user", "content": "{{ input }}"}],
        "output": {"kind": "json", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}},
    }
)
DOCSTORE, SELF_ASK, CONVERSATIONAL = "react-docstore", "self-ask-with-search", "conversational-react-description"
SEARCH, LOOKUP, ANSWER = FakeTool(), FakeTool("Lookup"), FakeTool("Intermediate Answer")


@pytest.mark.parametrize(
    ("agent_type", "tools"),
    [
        (REACT, [SEARCH, FakeTool("Calculator")]),
        (TOOLS, [SEARCH, FakeTool("Calculator")]),
        (TOOLS, [FakeTool("搜索"), FakeTool("搜寻")]),
        (DOCSTORE, [LOOKUP, SEARCH]),
        (SELF_ASK, [ANSWER]),
        (CONVERSATIONAL, [SEARCH]),
    ],
)
def test_what_works_is_accepted(agent_type, tools):
    check_configuration("conversation", PLAIN, [])
    check_configuration(agent_type, prompt(), tools)
    check_configuration(agent_type, PLAIN, tools)
    check_configuration("structured", FORM, [])


@pytest.mark.parametrize(
    ("agent_type", "spec", "tools", "sentence"),
    [
        ("oracle", PLAIN, [], "no agent type “oracle”. Types: conversation, tool-calling"),
        ("conversation", TWO_INPUTS, [], "which variable takes the person's message"),
        ("conversation", UNDECLARED, [], "“who” is not declared"),
        ("conversation", prompt(), [], "tools has a value only where an agent runs"),
        ("conversation", PLAIN, [SEARCH], "uses no tools: remove them"),
        (REACT, prompt(), [], "needs at least one"),
        (REACT, prompt(), [FakeTool(description=" ")], "Search has no description.* Give it one"),
        (REACT, prompt(), [FakeTool("Python REPL"), FakeTool("python_repl")], "can't be told apart: rename one"),
        (REACT, prompt(), [FakeTool("Search."), FakeTool("(Search)")], "can't be told apart: rename one"),
        (REACT, prompt(), [FakeTool("{}")], "can't be the name of a tool"),
        (REACT, prompt(), [FakeTool("None")], "can't be the name of a tool. Give it another"),
        (REACT, prompt(), [FakeTool("final answer")], "can't be the name of a tool"),
        (REACT, prompt(), [FakeTool("Action: Search")], "can't be the name of a tool"),
        (TOOLS, PLAIN, [], "needs at least one"),
        (TOOLS, PLAIN, [FakeTool(description=" ")], "Search has no description"),
        (TOOLS, PLAIN, [FakeTool("C++"), FakeTool("C#")], "would both be the function “c” to the model"),
        ("structured", FORM, [FakeTool()], "uses no tools"),
        ("structured", PLAIN, [], "choose the kind json, and give a schema"),
        ("structured", ASKS_FOR_JSON, [], "give a schema"),
        (CONVERSATIONAL, prompt(), [], "needs at least one"),
        (CONVERSATIONAL, prompt(), [FakeTool(description="")], "Search has no description"),
        (DOCSTORE, prompt(), [], "needs exactly 2 tools, named “Search” and “Lookup”.* It has none"),
        (DOCSTORE, prompt(), [SEARCH], "It has Search; “Lookup” is missing"),
        (DOCSTORE, prompt(), [SEARCH, FakeTool("lookup")], "It has Search, lookup; “Lookup” is missing"),
        (DOCSTORE, prompt(), [SEARCH, LOOKUP, FakeTool("Calculator")], "Remove Calculator"),
        (DOCSTORE, prompt(), [SEARCH, LOOKUP, FakeTool()], "Remove Search"),
        (DOCSTORE, prompt(), [SEARCH, FakeTool("Lookup", input_kind="code")], "Lookup must take text"),
        (DOCSTORE, prompt(), [SEARCH, FakeTool("Lookup", description="")], "Lookup has no description"),
        (SELF_ASK, prompt(), [SEARCH], "exactly one tool, named “Intermediate Answer”.* It has Search"),
        (SELF_ASK, prompt(), [ANSWER, SEARCH], "exactly one tool.* Remove Search"),
    ],
)
def test_what_cannot_work_is_refused(agent_type, spec, tools, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_configuration(agent_type, spec, tools)


@pytest.mark.parametrize(
    ("agent_type", "options", "sentence"),
    [
        (REACT, {"ai_prefix": "AI"}, "has no option “ai_prefix”: remove it"),
        (CONVERSATIONAL, {"colour": "red"}, "has no option “colour”"),
        (CONVERSATIONAL, {"ai_prefix": " "}, "is one word or a few"),
        (CONVERSATIONAL, {"ai_prefix": "AI:"}, "without colons"),
        (CONVERSATIONAL, {"ai_prefix": "{x}"}, "without colons and brackets"),
        (CONVERSATIONAL, {"human_prefix": "x" * 41}, "is one word or a few"),
        (CONVERSATIONAL, {"human_prefix": 3}, "is one word or a few"),
        (CONVERSATIONAL, {"human_prefix": "Thought"}, "is a word of the protocol"),
        (CONVERSATIONAL, {"ai_prefix": "Tool"}, "is a word of the protocol"),
        (CONVERSATIONAL, {"human_prefix": "ai"}, "need different names"),
        (CONVERSATIONAL, {"ai_prefix": "Ada", "human_prefix": "ada"}, "need different names"),
    ],
)
def test_options_that_cannot_work_are_refused(agent_type, options, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_options(agent_type, options)


@pytest.mark.parametrize("options", [{}, {"ai_prefix": "Dr. Watson"}, {"ai_prefix": "Human", "human_prefix": "AI"}])
def test_options_that_work_are_accepted(options):
    check_options(CONVERSATIONAL, options)


def test_every_type_says_what_it_does_and_needs():
    for kind in KINDS.values():
        assert kind.about.endswith(".") and "ool" in kind.about
