"""Statistics against published figures, and by simulation where the specification asks for it."""

import random
import time
from itertools import product
from operator import mul

import pytest

from agents.evals import bootstrap
from agents.evals.statistics import (
    cases_needed,
    holm,
    interval_of_cases,
    mcnemar,
    paired_bootstrap,
    percentile,
    sign_flip,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_intervals(successes, n, low, high):
    assert wilson(successes / n, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_ends_at_one_when_everything_is_right():
    assert wilson(1.0, 60)[1] == 1.0
    assert wilson(0.0, 60)[0] == 0.0


@pytest.mark.parametrize(("n", "p"), [(20, 0.5), (20, 0.8), (50, 0.5), (50, 0.8), (50, 0.95), (200, 0.5), (200, 0.95)])
def test_wilson_covers_as_often_as_it_says(n, p):
    source = random.Random(n)
    hits = 0
    for _ in range(1500):
        successes = sum(source.random() < p for _ in range(n))
        low, high = wilson(successes / n, n)
        hits += low <= p <= high
    assert 0.925 <= hits / 1500 <= 0.975


def test_repeats_that_always_agree_make_no_interval_smaller():
    cases = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    assert interval_of_cases(cases, trials=100) == interval_of_cases(cases, trials=10)


def test_repeats_that_vary_freely_do():
    narrow = interval_of_cases([0.4, 0.6, 0.5, 0.5, 0.6, 0.4, 0.5, 0.5, 0.5, 0.5], trials=100)
    assert narrow == pytest.approx(wilson(0.5, 100))


def test_no_cases_have_no_interval():
    assert interval_of_cases([], trials=0) is None


@pytest.mark.parametrize(
    ("improved", "regressed", "p"),
    [
        (0, 0, 1.0),
        (5, 0, 0.0625),  # 2 / 2^5
        (6, 0, 0.03125),
        (1, 9, 0.021484375),  # 2 × (1 + 10) / 2^10
        (12, 2, 0.012939453125),  # 2 × (1 + 14 + 91) / 2^14
        (4, 4, 1.0),
        (121, 59, 5.450095e-06),  # χ² = (62 − 1)² / 180 = 20.672, 1 degree of freedom
    ],
)
def test_mcnemar(improved, regressed, p):
    assert mcnemar(improved, regressed) == pytest.approx(p, rel=1e-4)


def test_flipping_signs_gives_mcnemars_answer_for_right_and_wrong():
    assert sign_flip([1.0] * 12 + [-1.0] * 2 + [0.0] * 30) == pytest.approx(mcnemar(12, 2), abs=0.004)


def test_flipping_signs_agrees_with_every_choice_of_signs():
    differences = [0.25, -0.5, 0.75, 0.5, -0.25, 1.0, 0.5, 0.25, -0.75, 0.5]
    sums = [sum(map(mul, differences, signs)) for signs in product((1, -1), repeat=10)]
    exact = sum(abs(total) >= sum(differences) for total in sums) / len(sums)
    assert sign_flip(differences) == pytest.approx(exact, abs=0.015)


def test_holm_adjusts_in_steps():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_the_bootstrap_is_the_same_each_time_and_lies_around_the_mean():
    differences = [1.0] * 12 + [-1.0] * 2 + [0.0] * 28
    low, high = paired_bootstrap(differences)
    assert (low, high) == paired_bootstrap(differences)
    # mean 0.238, standard error 0.080
    assert (low, high) == pytest.approx((0.238 - 1.96 * 0.080, 0.238 + 1.96 * 0.080), abs=0.03)


def test_the_bootstrap_by_counts_agrees_with_the_bootstrap_case_by_case():
    few = [1.0] * 30 + [-1.0] * 10 + [0.0] * 20
    many = [value + place * 1e-9 for place, value in enumerate(few)]
    assert paired_bootstrap(few) == pytest.approx(paired_bootstrap(many), abs=0.02)


@pytest.mark.parametrize("rare", [15, 60, 400])
def test_the_bootstrap_of_many_values_agrees_with_drawing_them(rare):
    source = random.Random(5)
    differences = [0.0] * (400 - rare) + [source.expovariate(1) for _ in range(rare)]
    drawn = sorted(bootstrap.means(differences, 10_000, source))
    low, high = paired_bootstrap(differences)
    error = (high - low) / 3.92
    assert not bootstrap.needs_draws(differences)
    assert (low, high) == pytest.approx((percentile(drawn, 2.5), percentile(drawn, 97.5)), abs=0.12 * error)


@pytest.mark.parametrize("values", [(-1.0, 0.0, 1.0), (-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75)])
def test_five_thousand_cases_are_compared_within_a_request(values):
    differences = random.Random(1).choices(values, k=5000)
    started = time.monotonic()
    paired_bootstrap(differences)
    sign_flip(differences)
    assert time.monotonic() - started < 4


def test_the_bootstrap_of_a_thousand_cases_is_quick_and_of_none_is_none():
    low, high = paired_bootstrap([1.0] * 100 + [-1.0] * 80 + [0.0] * 820)
    assert low < 0.02 < high
    assert paired_bootstrap([]) is None


def test_under_no_difference_at_most_five_in_a_hundred_comparisons_find_one():
    source = random.Random(3)
    found = 0
    for _ in range(2000):
        improved = sum(source.random() < 0.15 for _ in range(100))
        regressed = sum(source.random() < 0.15 for _ in range(100))
        found += mcnemar(improved, regressed) < 0.05
    assert found / 2000 <= 0.055


def test_more_cases_are_needed_for_a_smaller_difference():
    small, large = cases_needed([0.0] * 90 + [1.0] * 6 + [-1.0] * 4), cases_needed([0.0] * 90 + [1.0] * 10)
    assert small > large >= 101
    assert cases_needed([0.0]) is None


def test_percentiles_lie_between_values():
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.5
    assert percentile([5.0], 95) == 5.0
