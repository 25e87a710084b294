"""What the numbers may be relied on for. The case is the unit: repeats are averaged within a case first."""

import math
import random
from collections.abc import Sequence
from operator import getitem
from typing import Final

from agents.evals import bootstrap

Z: Final = 1.959963984540054  # two-sided 95 %
POWER_Z: Final = 0.8416212335729143  # 80 % power
RESAMPLES: Final = 10_000
SEED: Final = 20_230_407
EXACT_BELOW: Final = 25


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def wilson(rate: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a rate seen in n independent trials (Wilson 1927)."""
    middle = rate + Z * Z / (2 * n)
    spread = Z * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    # Rounded, as the ends for rates of 0 and 1 are exact.
    return max(0.0, round((middle - spread) / scale, 12)), min(1.0, round((middle + spread) / scale, 12))


def interval_of_cases(case_means: Sequence[float], *, trials: int) -> tuple[float, float] | None:
    """Wilson's interval with the effective sample size: never less than the cases, never more than the trials."""
    if not case_means:
        return None
    n = len(case_means)
    rate = min(1.0, math.fsum(case_means) / n)
    variance = math.fsum((value - rate) ** 2 for value in case_means) / n
    effective = rate * (1 - rate) * n / variance if variance > 0 else n
    return wilson(rate, min(max(effective, n), max(trials, n)))


def mcnemar(improved: int, regressed: int) -> float:
    """Two-sided p of a paired comparison: exact with few discordant pairs, else with continuity correction."""
    discordant = improved + regressed
    if discordant == 0:
        return 1.0
    if discordant >= EXACT_BELOW:
        statistic = max(abs(improved - regressed) - 1, 0) ** 2 / discordant
        return math.erfc(math.sqrt(statistic / 2))
    fewer = min(improved, regressed)
    tail = sum(math.comb(discordant, k) for k in range(fewer + 1)) / float(2**discordant)
    return min(1.0, 2 * tail)


def sign_flip(differences: Sequence[float], *, flips: int = RESAMPLES, seed: int = SEED) -> float:
    """Two-sided p that paired differences have no direction, by giving each a random sign."""
    moved = [abs(value) for value in differences if value]
    if not moved:
        return 1.0
    observed = abs(math.fsum(differences)) - 1e-9
    source = random.Random(seed)  # noqa: S311 statistics, not secrets
    sums = [_signed_sums(moved[place : place + 8]) for place in range(0, len(moved), 8)]
    extreme = sum(abs(sum(map(getitem, sums, source.randbytes(len(sums))))) >= observed for _ in range(flips))
    return (extreme + 1) / (flips + 1)


def _signed_sums(values: Sequence[float]) -> list[float]:
    """The sums of up to eight values for every choice of their signs: one byte of chance is one of them."""
    sums = [0.0]
    for value in values:
        sums = [total + sign for sign in (value, -value) for total in sums]
    return sums * (256 // len(sums))


def paired_bootstrap(
    differences: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float] | None:
    """The 95 % percentile interval of the mean of paired differences, over cases."""
    if not differences:
        return None
    if bootstrap.needs_draws(differences):
        means = sorted(bootstrap.means(differences, resamples, random.Random(seed)))  # noqa: S311 not secrets
        return percentile(means, 2.5), percentile(means, 97.5)
    return bootstrap.expanded(differences, -Z), bootstrap.expanded(differences, Z)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for being several (Holm 1979), in the given order."""
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = running
    return adjusted


def cases_needed(differences: Sequence[float]) -> int | None:
    """About how many cases would show a difference of the size seen, at 5 % and with 80 % power."""
    average = mean(differences)
    if not average:
        return None
    variance = math.fsum((value - average) ** 2 for value in differences) / len(differences)
    return max(len(differences) + 1, math.ceil((Z + POWER_Z) ** 2 * variance / average**2))


def smallest_difference(differences: Sequence[float]) -> float | None:
    """The smallest difference that this many cases, as mixed as these, would have shown with 80 % power."""
    average = mean(differences)
    if average is None:
        return None
    variance = math.fsum((value - average) ** 2 for value in differences) / len(differences)
    return (Z + POWER_Z) * math.sqrt(variance / len(differences))


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The percentile of sorted values, between two of them by proportion."""
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
