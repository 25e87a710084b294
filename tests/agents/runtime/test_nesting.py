"""A run within a step of another one, when it is cut off."""

from itertools import count

from agents.runtime.events import ModelCalled, ModelCalling, StepFinished, StepStarted, TextDelta
from agents.runtime.nesting import Nest
from agents.runtime.tokens import estimated
from tests.agents.runtime.fakes import only

ASKED = {"messages": [{"role": "user", "content": "hi"}]}


def nest_of(*events, **more):
    nest = Nest(count(10).__next__, 1, **more)
    for event in events:
        list(nest.events(event))
    return nest


def cut_off(*events):
    return list(nest_of(*events).close())


def test_calls_side_by_side_each_wrote_what_is_theirs():
    first, second = "a " * 100, "b " * 1000

    closed = cut_off(
        StepStarted(1, "sample"),
        ModelCalling(1, "m", ASKED, 1),
        StepStarted(2, "sample"),
        ModelCalling(2, "m", ASKED, 2),
        TextDelta(1, first),
        TextDelta(2, second),
    )

    calls = only(closed, ModelCalled)
    assert [call.response for call in calls] == [first, second]
    assert [call.usage.output for call in calls] == [estimated(first), estimated(second)]


def test_a_call_alone_wrote_all_that_has_come_since():
    closed = cut_off(
        StepStarted(1, "thought"),
        TextDelta(1, "before"),
        StepFinished(1, 0),
        ModelCalling(2, "m", ASKED, 1),
        StepStarted(2, "thought"),
        TextDelta(2, "look"),
        StepFinished(2, 0),
        StepStarted(3, "action"),
        TextDelta(3, "tower"),
    )

    assert only(closed, ModelCalled)[0].response == "look\ntower"
    assert [event.step for event in only(closed, StepFinished)] == [12]


def test_an_answer_that_was_taken_back_for_nothing_is_restored():
    said = (StepStarted(1, "answer"), TextDelta(1, "Well"), StepFinished(1, 0, ""))

    alone = nest_of(*said, answer_as=None)
    followed = nest_of(*said, StepStarted(2, "answer"), TextDelta(2, "So"), answer_as=None)

    assert list(alone.restore()) == [StepFinished(10, 0, "Well")]
    assert alone.answers == {10: "Well"}
    assert list(followed.restore()) == []
