"""Replies made to be slow to read: with a pattern that is quadratic in one of them, its test would take for minutes.

Reading happens on the loop that all runs of a process share, so a slow reply would hold up everybody's.
"""

import pytest

from agents.runtime.answers import OutputSpec, extract
from agents.runtime.parsing.cut import before_actions, up_to_action
from agents.runtime.parsing.zero_shot_react import Grammar, parse

N = 200_000
HOSTILE = {
    "spaces behind a tool": "Action: Search" + " " * N + "x",
    "spaces before an input": "Action: Search" + " x" * (N // 2) + " action input" * 1000,
    "brackets on lines": "[\n" * (N // 2),
    "braces on lines": "{\n" * (N // 2),
    "lists of objects that never close": '[{"a": 1,\n' * (N // 10),
    "brackets in a row": "[" * N,
    "strings that never close": '["' * (N // 2),
    "spaces in a fence": "```\nThought: x" + " " * N + "x",
    "fences": "```\n" * (N // 4),
    "thinking that never ends": "<think>" * (N // 7),
    "bold that never closes": "**a " * (N // 4),
    "labels": "Thought:\n" * (N // 9),
    "labels in a line": "Final Answer:" * (N // 13),
    "quotations": "> " * (N // 2),
    "digits": "1" * N,
    "groups of digits": "111," * (N // 4) + "1111",
    "boxes": "\\boxed{" * (N // 7),
    "blank lines": "Action:" + "\n " * (N // 2) + "x",
}
KINDS = [
    OutputSpec(kind="text"),
    OutputSpec(kind="number"),
    OutputSpec(kind="boolean"),
    OutputSpec(kind="choice", choices=("A", "B")),
    OutputSpec(kind="label", labels=("spam", "not spam")),
    OutputSpec(kind="json"),
]


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request):
    return request.param


def test_a_hostile_reply_is_read_at_once(hostile):
    results = [parse(hostile), parse(hostile, {"Search": "text"}), up_to_action(hostile), before_actions(hostile)]

    assert None not in results


def test_a_hostile_reply_is_read_while_it_is_written(hostile):
    parser, text = Grammar().incremental({"Search": "text"}), hostile[: N // 10] + hostile[-10:]

    shown = [delta for at in range(0, len(text), 4) for delta in parser.feed(text[at : at + 4])]
    shown += parser.close()

    assert sum(len(delta.text) for delta in shown) <= len(text)


@pytest.mark.parametrize("spec", KINDS, ids=[spec.kind for spec in KINDS])
def test_an_answer_is_looked_for_in_a_hostile_reply(hostile, spec):
    assert isinstance(extract(hostile, spec).shown, str)
