"""A server that fails again and again is left alone, and asked again by one at a time."""

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.providers.breaker import CircuitBreaker, Passage


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(clock)


def fail(breaker, times=1, code="overloaded"):
    for _ in range(times):
        with Passage(breaker) as passage:
            passage.failed(code)


def held_off(breaker):
    with pytest.raises(ModelError) as refused:
        breaker.enter()
    return refused.value


def test_it_opens_after_five_failures_in_a_row_and_says_so(breaker, clock):
    fail(breaker, 5)
    clock.now += 3

    refused = held_off(breaker)

    assert (refused.code, refused.retryable, refused.retry_after_s) == ("overloaded", True, 12)
    assert refused.detail.endswith("left alone for now. Try again in 12 s.")


@pytest.mark.parametrize(("code", "said"), [("timeout", "overloaded"), ("unreachable", "unreachable")])
def test_it_says_of_what_kind_the_failures_were(breaker, code, said):
    fail(breaker, 5, code)

    assert held_off(breaker).code == said


@pytest.mark.parametrize("code", ["bad_request", "rate_limited", "auth", "context_overflow"])
def test_an_answer_of_any_kind_ends_the_row(breaker, code):
    fail(breaker, 4)
    fail(breaker, 1, code)
    fail(breaker, 4)

    breaker.enter()


def test_failures_that_lie_far_apart_are_no_row(breaker, clock):
    fail(breaker, 4)
    clock.now += 61
    fail(breaker, 4)

    breaker.enter()


def test_after_the_pause_one_call_at_a_time_may_try(breaker, clock):
    fail(breaker, 5)
    clock.now += 15

    breaker.enter()
    held_off(breaker)
    breaker.answered()

    breaker.enter()
    breaker.enter()


def test_the_pause_doubles_up_to_two_minutes_and_starts_anew(breaker, clock):
    fail(breaker, 5)
    pauses = []
    for _ in range(5):
        pauses.append(held_off(breaker).retry_after_s)
        clock.now += pauses[-1]
        fail(breaker)
    clock.now += 120
    breaker.enter()
    breaker.answered()
    fail(breaker, 5)

    assert pauses == [15, 30, 60, 120, 120]
    assert held_off(breaker).retry_after_s == 15


def test_who_leaves_before_anything_is_known_lets_the_next_one_try(breaker, clock):
    fail(breaker, 5)
    clock.now += 15

    with Passage(breaker):
        held_off(breaker)

    with Passage(breaker) as passage:
        passage.answered()
    breaker.enter()


def test_a_call_that_began_before_it_opened_changes_nothing_but_by_an_answer(breaker, clock):
    with Passage(breaker) as slow, Passage(breaker) as lucky:
        fail(breaker, 5)
        clock.now += 15
        with Passage(breaker):
            slow.failed("timeout")
            held_off(breaker)
            lucky.answered()
            breaker.enter()


def test_without_a_breaker_every_call_passes():
    for _ in range(9):
        with Passage(None) as passage:
            passage.failed("overloaded")
