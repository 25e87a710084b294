"""The timeline's own bookkeeping."""

from agents.runtime import steps
from agents.runtime.steps import Timeline


def test_a_step_begins_when_its_model_was_asked(monkeypatch):
    clock = iter([10.0, 12.5, 20.0, 20.5])
    monkeypatch.setattr(steps.time, "monotonic", lambda: next(clock))
    timeline = Timeline()

    timeline.asked()  # at 10.0
    first = [*timeline.open("thought"), *timeline.close()]  # until 12.5
    second = [*timeline.open("action"), *timeline.close()]  # from 20.0 to 20.5: nobody was asked for it

    assert [first[-1].ms, second[-1].ms] == [2500, 500]
