"""What a grammar gives an agent besides the parse: names in the labels, and what stays in the transcript."""

import pytest

from agents.runtime.observations import neutral
from agents.runtime.parsing.conversational_react import Grammar as Conversational
from agents.runtime.parsing.registry import GRAMMARS
from tests.agents.runtime.parsing.reading import read
from tests.agents.runtime.parsing.tables import CONVERSATIONAL, DOCSTORE, SELF_ASK, ZERO_SHOT


@pytest.mark.parametrize("prefix", ["Parley", "A.I.", "C++ (bot)", "2B", "AI:", "  Ada  "])
def test_prefixes_are_names_and_no_patterns(prefix):
    grammar = Conversational(ai_prefix=prefix, human_prefix="Bob [staff]")
    text = f"Thought: Do I need to use a tool? No\n{prefix.strip().rstrip(':')}: Hello.\nBob [staff]: thanks"

    result = grammar.parse(text)

    assert (result.answer, result.flags) == ("Hello.", ("truncated_tail",))
    assert read(grammar, list(text))[0]["answer"] == "Hello."


def test_another_prefix_is_text():
    assert Conversational(ai_prefix="AxI").parse("AI: hello").answer == "AI: hello"
    assert Conversational(ai_prefix="A.I.").parse("AXIX: hello").answer == "AXIX: hello"


def test_without_prefixes_the_other_labels_are_left():
    grammar = Conversational(ai_prefix="", human_prefix="")

    assert grammar.parse("Final Answer: x\n: y").answer == "x\n: y"
    assert grammar.stop == ("\nObservation:",)


def test_the_person_is_a_stop_sequence():
    assert Conversational(human_prefix="Bob").stop == ("\nObservation:", "\nBob:")


@pytest.mark.parametrize(
    ("agent_type", "text", "kept"),
    [
        (ZERO_SHOT, "Thought: a\nAction: b\nAction Input: c\nObservation: d", "Thought: a\nAction: b\nAction Input: c"),
        (ZERO_SHOT, "Observation: x\nThought: a\nAction: b\nAction Input: c", "Thought: a\nAction: b\nAction Input: c"),
        (ZERO_SHOT, '{"action": "a", "action_input": "b"}\nObservation: c\nFinal Answer: d', None),
        (DOCSTORE, "Thought 1: a\nAction 1: Search[b] and then\nObservation 1: c", "Thought 1: a\nAction 1: Search[b]"),
        (DOCSTORE, "Search[b\nObservation 1: c", "Search[b"),
        (DOCSTORE, "Action: Search\nAction Input: b\nObservation: c", "Action: Search\nAction Input: b"),
        (SELF_ASK, "Yes.\nFollow up: a?\nIntermediate answer: b", "Yes.\nFollow up: a?"),
        (SELF_ASK, "Follow up: a? Intermediate answer: b", "Follow up: a?"),
        (CONVERSATIONAL, "Thought: a\nAction: b\nAction Input: c\nHuman: d", "Thought: a\nAction: b\nAction Input: c"),
    ],
)
def test_the_transcript_keeps_the_model_s_own_words(agent_type, text, kept):
    assert GRAMMARS[agent_type].up_to_action(text) == (kept or '{"action": "a", "action_input": "b"}')


@pytest.mark.parametrize(
    ("agent_type", "text", "said"),
    [
        (ZERO_SHOT, "Thought: a\nFinal Answer: b", "b"),
        (DOCSTORE, "Thought: a\nAction: Finish[b]", "b"),
        (DOCSTORE, "It is b.\nAction: Search[c]", "It is b."),
        (ZERO_SHOT, "It is b.\nThought: I look once more.\nAction: a", "It is b."),
        (ZERO_SHOT, "Thought: It is b.", "It is b."),
        (SELF_ASK, "So the final answer is: b", "b"),
        (SELF_ASK, "It is b.\nFollow up: c?", "It is b."),
        (CONVERSATIONAL, "Thought: Do I need to use a tool? No\nAI: b\nHuman: c", "b"),
        (CONVERSATIONAL, "It is b.", "It is b."),
    ],
)
def test_what_is_said_before_actions_can_be_an_answer(agent_type, text, said):
    assert GRAMMARS[agent_type].before_actions(text) == said


@pytest.mark.parametrize(
    ("agent_type", "line"),
    [
        (ZERO_SHOT, "Final Answer: 42"),
        (DOCSTORE, "Finish[42]"),
        (SELF_ASK, "So the final answer is: 42"),
        (CONVERSATIONAL, "AI: 42"),
    ],
)
def test_what_a_tool_returns_can_be_kept_from_looking_like_the_model_s_words(agent_type, line):
    assert neutral(f"a\n{line}", most=100, labels=GRAMMARS[agent_type].labels) == f"a\n> {line}"
