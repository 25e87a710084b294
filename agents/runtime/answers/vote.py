"""The answer on which most samples agree: self-consistency's vote (arXiv 2203.11171; agents.md A.3)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

BrokenBy = Literal["votes", "logprob", "order"]


@dataclass(frozen=True, slots=True)
class Vote:
    """How samples voted. `winner` is a canonical value and `index` the sample that shows it; None without any answer.

    `counts` are in order, the winner first. `agreement` is the winner's share of the samples with an answer, from 0
    to 1. `tie` says that another value had as many votes, `broken_by` what decided.
    """

    winner: str | None
    index: int | None
    counts: Mapping[str, int]
    agreement: float
    answered: int
    n: int
    tie: bool = False
    broken_by: BrokenBy = "votes"


def vote(samples: Sequence[str | None], *, logprobs: Sequence[float | None] = ()) -> Vote:
    """The winner among canonical values: by votes, then mean token log-probability, then the earliest sample.

    A sample without an answer (None, also for one that was cut by its length) abstains. Log-probabilities count only
    if every sample with an answer has one.
    """
    votes = Counter(value for value in samples if value is not None)
    if not votes:
        return Vote(None, None, {}, 0.0, 0, len(samples))
    scores = _scores(samples, logprobs)
    answers = [(index, value) for index, value in enumerate(samples) if value is not None]
    ranked = sorted(answers, key=lambda answer: (-votes[answer[1]], -scores[answer[0]], answer[0]))
    index, winner = ranked[0]
    order = dict.fromkeys(value for _, value in ranked)
    rival = next((other for other, value in ranked if value != winner and votes[value] == votes[winner]), None)
    return Vote(
        winner=winner,
        index=index,
        counts={value: votes[value] for value in order},
        agreement=votes[winner] / len(answers),
        answered=len(answers),
        n=len(samples),
        tie=rival is not None,
        broken_by="votes" if rival is None else "logprob" if scores[index] > scores[rival] else "order",
    )


def decided(votes_so_far: Sequence[str | None], remaining: int) -> bool:
    """Whether the `remaining` samples can't change the winner any more: the leader's margin exceeds them."""
    leading = [count for _, count in Counter(value for value in votes_so_far if value is not None).most_common(2)]
    return bool(leading) and leading[0] - (leading[1] if len(leading) > 1 else 0) > remaining


def _scores(samples: Sequence[str | None], logprobs: Sequence[float | None]) -> list[float]:
    """A log-probability for each sample, or nothing but zeros where one that answered has none."""
    given = [*logprobs, *[None] * len(samples)][: len(samples)]
    answered = [score for value, score in zip(samples, given, strict=True) if value is not None]
    if any(score is None or not math.isfinite(score) for score in answered):
        return [0.0] * len(samples)
    return [score if score is not None else 0.0 for score in given]
