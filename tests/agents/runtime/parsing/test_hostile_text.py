"""Replies made to be slow to read: four times the text may take six times as long, where quadratic work takes sixteen.

Reading happens on the loop that all runs of a process share, so a slow reply would hold up everybody's.
"""

import time

import pytest

from agents.runtime.answers import OutputSpec, extract
from agents.runtime.parsing.registry import GRAMMARS
from tests.agents.runtime.parsing.families import FAMILIES
from tests.agents.runtime.parsing.tables import TOOLS

N = 50_000
LENGTH = 4_000
SLACK_S = 0.01  # below this a clock tells nothing
KINDS = [
    OutputSpec(kind="text"),
    OutputSpec(kind="number"),
    OutputSpec(kind="boolean"),
    OutputSpec(kind="choice", choices=("A", "B")),
    OutputSpec(kind="label", labels=("spam", "not spam")),
    OutputSpec(kind="json"),
]


@pytest.fixture(params=FAMILIES.values(), ids=FAMILIES.keys())
def family(request):
    return request.param


@pytest.fixture(params=GRAMMARS.values(), ids=GRAMMARS.keys())
def grammar(request):
    return request.param


def seconds(work, text):
    began = time.process_time()
    work(text)
    return time.process_time() - began


def grows_evenly(work, family):
    """A pause of the machine can spoil a measurement, so there are three."""
    short, long = family(LENGTH), family(4 * LENGTH)
    return any(seconds(work, long) <= 6 * seconds(work, short) + SLACK_S for _ in range(3))


def test_a_hostile_reply_is_read_at_once(grammar, family):
    def work(text):
        assert grammar.parse(text) and grammar.parse(text, TOOLS[grammar.name])
        assert grammar.up_to_action(text) is not None and grammar.before_actions(text) is not None

    assert grows_evenly(work, family)


def test_a_hostile_reply_is_read_while_it_is_written(grammar, family):
    def work(text):
        parser = grammar.incremental(TOOLS[grammar.name])
        shown = [delta for at in range(0, len(text), 4) for delta in parser.feed(text[at : at + 4])]
        assert sum(len(delta.text) for delta in (*shown, *parser.close())) <= len(text)

    assert grows_evenly(work, family)


@pytest.mark.parametrize("spec", KINDS, ids=[spec.kind for spec in KINDS])
def test_an_answer_is_looked_for_in_a_hostile_reply(family, spec):
    assert isinstance(extract(family(N), spec).shown, str)
