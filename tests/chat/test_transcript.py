"""The fold over a run's events, without a database."""

from chat.transcript import Transcript


def started(step, kind, parent=None):
    return {"type": "step.started", "step": step, "kind": kind, "parent": parent}


def delta(step, text):
    return {"type": "text.delta", "step": step, "text": text}


def over(step, **text):
    return {"type": "step.finished", "step": step, "ms": 1, **text}


def test_steps_side_by_side_grow_and_end_on_their_own():
    shown = Transcript().apply_all(
        [started(1, "action"), started(2, "action"), delta(2, "q2"), delta(1, "q"), delta(1, "1"), over(2, text="Q2")]
    )
    assert (shown.texts, shown.open) == ({1: "q1", 2: "Q2"}, {1})

    shown.apply_all([started(3, "observation", 2), delta(3, "r2"), over(3), over(1), started(4, "answer")])
    assert (shown.texts[3], shown.open, shown.step_count) == ("r2", {4}, 3)


def test_an_answer_that_was_taken_back_is_none():
    taken_back = [started(1, "answer"), delta(1, "Let me look."), over(1, text=""), started(2, "thought")]

    assert Transcript().apply_all([*taken_back, started(3, "answer"), delta(3, "Oslo.")]).answer == "Oslo."
