"""A reply on the timeline is the same in the end, in whatever pieces it came."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.function_turn import HELD, FunctionTurn
from agents.runtime.llm import CallChunk, FunctionCall, TextChunk
from agents.runtime.steps import Timeline
from tests.agents.runtime.fakes import FakeTool, steps

FUNCTIONS = Functions([FakeTool(), FakeTool("Clock", input_kind="none")])
JSON = '{"name": "search", "arguments": {"input": "Oslo"}}'
LONG = "A sentence of the answer. " * 10
TEXTS = [
    "Oslo.",
    LONG,
    f"<think>Hm, {LONG}</think>{LONG}",
    f"<think>Hm.</think>\n```json\n{JSON}\n```",
    f"<tool_call>{JSON}</tool_call><tool_call>{JSON}</tool_call>",
    f"```json\n{JSON}\n``` and more",
    f"I write {JSON}",
    f"I look.\n<tools>{JSON}</tools> and more",
    "<tools></tools>",
    f"I look:\n```json\n{JSON}\n```\nand more",
    '{"name": "Bob"}',
    "```python\nprint(1)\n```",
    "",
    " \n",
    "functions.clock()",
]
PIECES = [*TEXTS, "{", "```", "<tool_call>", '"name": "search"', "<think>", "</think>", "\n"]


def shown(text, sizes, calls=()):
    timeline = Timeline()
    turn = FunctionTurn(timeline, FUNCTIONS)
    events, at = [], 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        events += turn.read(TextChunk(text[at : at + size]))
        at += size
    for place, call in enumerate(calls):
        for start in range(0, max(1, len(call.arguments)), sizes[0]):
            name = "" if start else call.name
            events += turn.read(CallChunk(place, name, call.arguments[start : start + sizes[0]]))
    events += turn.end(calls, "stop")
    return [step for step in steps([*events, *timeline.close_all()]) if step[1]], turn


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_pieces_make_no_difference(text, size):
    whole, turn = shown(text, [len(text) or 1])
    pieces, other = shown(text, [size])

    assert pieces == whole
    assert (turn.written, turn.is_broken_call, turn.text) == (other.written, other.is_broken_call, other.text)


@pytest.mark.parametrize("text", ["", "I look.", LONG])
@pytest.mark.parametrize("size", [1, 4, 90])
def test_words_before_calls_are_thoughts_and_each_call_an_action(text, size):
    calls = [FunctionCall("a", "search", '{"input": "Oslo"}'), FunctionCall("b", "unknown", "{}")]
    found, _ = shown(text, [size], calls)

    thought = [("thought", text.strip())] if text else []
    assert found == [*thought, ("action", "Oslo")]


def test_an_answer_is_held_back_no_longer_than_words_before_a_call_are():
    turn = FunctionTurn(Timeline(), FUNCTIONS)
    read = [list(turn.read(TextChunk("x" * 10))) for _ in range(HELD // 10 + 1)]

    assert [bool(events) for events in read] == [False] * (HELD // 10) + [True]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_no_text_is_lost_or_shown_twice(text, sizes):
    found, turn = shown(text, sizes)
    answers = [said for kind, said in found if kind == "answer"]

    if turn.written or turn.is_broken_call or not turn.text.strip():
        assert answers == []
    else:
        assert answers == [turn.text.strip()]
