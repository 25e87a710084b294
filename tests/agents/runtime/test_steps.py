"""The timeline's own bookkeeping."""

from agents.runtime import steps
from agents.runtime.events import StepFinished, StepStarted, TextDelta
from agents.runtime.steps import Timeline


def test_a_step_begins_when_its_model_was_asked(monkeypatch):
    clock = iter([10.0, 12.5, 20.0, 20.5])
    monkeypatch.setattr(steps.time, "monotonic", lambda: next(clock))
    timeline = Timeline()

    timeline.asked()  # at 10.0
    first = [*timeline.open("thought"), *timeline.close()]  # until 12.5
    second = [*timeline.open("action"), *timeline.close()]  # from 20.0 to 20.5: nobody was asked for it

    assert [first[-1].ms, second[-1].ms] == [2500, 500]


def test_steps_beside_each_other_are_written_and_end_on_their_own():
    timeline = Timeline()

    events = [*timeline.open("action"), *timeline.open("action", beside=True)]
    events += [*timeline.write("b"), *timeline.write("a", step=1), *timeline.close("A", step=1)]
    events += [*timeline.whole("observation", "found", 1, beside=True)]

    assert [(type(event), event.step) for event in events] == [
        (StepStarted, 1),
        (StepStarted, 2),
        (TextDelta, 2),
        (TextDelta, 1),
        (StepFinished, 1),
        (StepStarted, 3),
        (TextDelta, 3),
        (StepFinished, 3),
    ]
    assert (events[4].text, events[5].parent, timeline.kind, timeline.shown) == ("A", 1, None, "found")
    assert [event.step for event in timeline.open("thought")] == [2, 4], "the one that was left open ends"


def test_a_step_that_is_over_takes_no_more():
    timeline = Timeline()
    list(timeline.whole("thought", "x"))

    assert [*timeline.write("y"), *timeline.close("z"), *timeline.write("y", step=9)] == []
