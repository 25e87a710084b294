"""Providers say how much they still allow; the next call waits instead of being refused."""

import pytest

from agents.runtime.providers.pace import Pace, seconds_of


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def headers(left, reset, limit="100", kind="requests"):
    return {
        f"x-ratelimit-limit-{kind}": limit,
        f"x-ratelimit-remaining-{kind}": left,
        f"x-ratelimit-reset-{kind}": reset,
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360), ("1s", 1), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("2", 2), ("", None), ("soon", None)],
)
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("kind", ["requests", "tokens"])
def test_when_nothing_is_left_the_next_call_waits_for_more(kind):
    clock = Clock()
    pace = Pace(clock)
    pace.note(headers("0", "4s", kind=kind))

    assert pace.take() == 4
    clock.now = 3
    assert pace.take() == 1
    clock.now = 4
    assert pace.take() == 0


def test_the_calls_that_go_out_meanwhile_are_counted():
    pace = Pace(Clock())
    pace.note(headers("2", "4s"))

    assert [pace.take() for _ in range(3)] == [0, 0, 4]


def test_nobody_waits_longer_than_ten_seconds():
    pace = Pace(Clock())
    pace.note(headers("0", "6m0s"))

    assert pace.take() == 10


@pytest.mark.parametrize(
    "said", [headers("0", "4s", limit="-1"), headers("0", "4s", limit="0"), headers("-1", "4s"), headers("0", "?"), {}]
)
def test_what_stands_for_unknown_stops_nobody(said):
    pace = Pace(Clock())
    pace.note(said)

    assert pace.take() == 0
