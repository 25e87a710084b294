"""While a reply is being written: what is shown, what waits, and that the end is the same however it is cut up."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.runtime.parsing import parse
from agents.runtime.parsing.zero_shot_react import Grammar
from tests.agents.runtime.parsing.test_zero_shot_react import AGENT_TYPE, TOOLS, as_data
from tests.agents.runtime.vectors_of import vectors

CASES = [*vectors("zero_shot_react"), *vectors("zero_shot_react_seen")]


def read(pieces, finish_reason="stop", *, stop_when_decided=False):
    """The texts that were shown by kind, and the parser at the end."""
    parser, shown = Grammar().incremental(TOOLS), {"reasoning": "", "thought": "", "input": "", "answer": ""}
    for piece in pieces:
        for delta in parser.feed(piece):
            shown[delta.kind] += delta.text
        if stop_when_decided and parser.decided:
            break
    for delta in parser.close():
        shown[delta.kind] += delta.text
    return shown, parser


def cut(text, seed):
    """A text in random pieces."""
    chance = random.Random(seed)
    while text:
        size = chance.choice((1, 1, 2, 3, 5, 8, 40))
        yield text[:size]
        text = text[size:]


@pytest.mark.parametrize("case", CASES)
def test_every_way_to_cut_a_reply_ends_in_the_same_state(case):
    at_once, _ = read([case["text"]])
    for seed in range(10):
        shown, parser = read(cut(case["text"], seed))

        assert shown == at_once
        assert as_data(parser.result(case["finish_reason"])) == case["result"]


@pytest.mark.parametrize("case", CASES)
def test_what_is_decided_early_is_what_the_whole_reply_means(case):
    _, parser = read(list(case["text"]), stop_when_decided=True)

    early, whole = as_data(parser.result(case["finish_reason"])), dict(case["result"])
    early.pop("flags", None)
    whole.pop("flags", None)
    assert early == whole


# In these the protocol is followed closely enough that nothing has to be corrected in the end.
WELL_FORMED = (
    "Z01 Z02 Z03 Z04 Z05 Z06 Z07 Z08 Z09 Z10 Z11 Z12 Z13 Z17 Z21 Z22 Z27 Z28 Z29 Z30 Z31 Z32 Z33 Z34 Z40 Z57 Z58 Z68"
)


@pytest.mark.parametrize("case", [case for case in CASES if case.id in WELL_FORMED.split()])
def test_a_well_formed_reply_is_shown_as_it_is_meant(case):
    result = case["result"]

    shown, _ = read(list(case["text"]))

    assert shown["thought"] == result.get("thought", "")
    assert shown["input"] == result.get("input", "")
    assert shown["answer"] == result.get("answer", "")


def test_a_label_is_never_shown_and_text_is_shown_at_once():
    parser = Grammar().incremental(TOOLS)

    steps = ["Th", "ought: I ", "look", "\nAct", "ually\nAction", ": Search\nAction Input: a", "b"]
    seen = [[(delta.kind, delta.text) for delta in parser.feed(piece)] for piece in steps]

    assert seen == [
        [],
        [("thought", "I")],
        [("thought", " look")],
        [],
        [("thought", "\nActually")],
        [("input", "a")],
        [("input", "b")],
    ]
    assert parser.tool == "Search"


def test_the_stream_can_be_closed_when_the_model_starts_to_invent_the_observation():
    parser = Grammar().incremental(TOOLS)

    decided = [bool(list(parser.feed(piece))) and parser.decided for piece in ("Action: Search\nAction Input: x\n",)]
    list(parser.feed("Observation: in"))

    assert decided == [False]
    assert parser.decided


def test_thinking_between_tags_is_shown_apart():
    shown, _ = read(list("<think>Action: hm</think>\nFinal Answer: a < b"))

    assert (shown["reasoning"], shown["answer"]) == ("Action: hm", "a < b")


def test_json_is_not_shown_as_a_thought():
    shown, parser = read(list('{"action": "Search", "action_input": "x"}'))

    assert set(shown.values()) == {""}
    assert parser.result().tool == "Search"


@example(["**", "Thought:", "Thought:", "**"])
@example(["**", "Thought:", "x ", "**", "\n"])
@given(
    st.lists(
        st.sampled_from(["Thought:", "Action:", "Final Answer:", "\n", " Search", "```", "x ", "**", "{", "<think>"])
    )
)
def test_any_text_has_a_meaning_and_the_cut_does_not_matter(parts):
    text = "".join(parts)

    shown, parser = read(parts)

    assert shown == read([text])[0]
    assert parser.result() == parse(AGENT_TYPE, text, TOOLS)
