"""The numbers of one evaluation."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from agents.evals import statistics
from agents.evals.outcomes import OUTCOMES, SCORED
from agents.evals.scorers import absolute_error
from agents.models import Evaluation, Score, Trial

PERCENTILES = (50, 75, 90, 95)
NUMBERS = ("evaluation_id", "case_key", "outcome", "duration_ms", "input_tokens", "output_tokens", "cost")
TEXTS_OF_NUMBERS = ("expected", "extracted")


@dataclass(frozen=True, slots=True)
class ScorerSummary:
    """One scorer's mean over the scored cases with its 95 % interval; None where no case is scored."""

    name: str
    score: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an evaluation is: its trials by outcome, and those that still wait."""

    outcomes: Mapping[str, int]
    waiting: int

    @property
    def trials(self) -> int:
        return self.done + self.waiting

    @property
    def done(self) -> int:
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """What `evaluate --json` prints, and what else the pages show. Seconds, US dollars; None where there is nothing."""

    evaluation: str
    cases: int
    trials: int
    outcomes: Mapping[str, int]
    score: float | None
    interval: tuple[float, float] | None
    cost: Decimal | None
    seconds: float | None
    latency: Mapping[str, float | None]
    scorers: tuple[ScorerSummary, ...]
    waiting: int
    input_tokens: int
    output_tokens: int
    mean_absolute_error: float | None

    @property
    def scored(self) -> int:
        return sum(self.outcomes[name] for name in SCORED)

    @property
    def done(self) -> int:
        return self.trials - self.waiting

    @property
    def note(self) -> str:
        """What the score leaves out, in words; empty when it leaves out nothing."""
        if self.scored == self.trials:
            return ""
        names = {"error": "errors", "skipped": "skipped", "waiting": "waiting"}
        counts = {**self.outcomes, "waiting": self.waiting}
        left_out = ", ".join(f"{counts[key]} {name}" for key, name in names.items() if counts[key])
        return f"{self.scored} of {self.trials} scored: {left_out}"

    def to_json(self) -> dict[str, Any]:
        """The object of evaluation.md §7."""
        return {
            "evaluation": self.evaluation,
            "cases": self.cases,
            "trials": self.trials,
            "outcomes": dict(self.outcomes),
            "score": self.score,
            "interval": None if self.interval is None else list(self.interval),
            "cost": None if self.cost is None else format(self.cost, "f"),
            "seconds": self.seconds,
            "latency": dict(self.latency),
        }


def summary(evaluation: Evaluation) -> Summary:
    """The numbers of all its trials, by all its scorers."""
    trials = list(evaluation.trials.only(*_columns(evaluation)))
    return summarise(evaluation, trials, {name: case_scores(evaluation, trials, name) for name in evaluation.scorers})


def counts(evaluation: Evaluation) -> Counts:
    """How far it is, whatever its size, by one query."""
    grouped = evaluation.trials.order_by().values_list("outcome").annotate(n=Count("pk"))
    found = dict(grouped)
    return Counts({name: found.get(name, 0) for name in OUTCOMES}, found.get(None, 0))


def _columns(evaluation: Evaluation) -> tuple[str, ...]:
    """What the numbers are made of: not the texts, as a page that follows an evaluation asks every other second."""
    return (*NUMBERS, *TEXTS_OF_NUMBERS) if _is_numeric(evaluation) else NUMBERS


def summarise(evaluation: Evaluation, trials: Sequence[Trial], scores: Mapping[str, Mapping[str, float]]) -> Summary:
    """The numbers of some of its trials. `scores` holds each case's mean by scorer; the first scorer is the score."""
    counts = Counter(trial.outcome for trial in trials)
    scorers = tuple(_scorer_summary(name, by_case, trials) for name, by_case in scores.items())
    return Summary(
        evaluation=str(evaluation.pk),
        cases=len({trial.case_key for trial in trials}),
        trials=len(trials),
        outcomes={name: counts[name] for name in OUTCOMES},
        score=scorers[0].score if scorers else None,
        interval=scorers[0].interval if scorers else None,
        cost=_total_cost(trials),
        seconds=_seconds(evaluation),
        latency=_latency(trials),
        scorers=scorers,
        waiting=counts[None],
        input_tokens=sum(trial.input_tokens for trial in trials),
        output_tokens=sum(trial.output_tokens for trial in trials),
        mean_absolute_error=_mean_absolute_error(evaluation, trials),
    )


def case_scores(evaluation: Evaluation, trials: Iterable[Trial], scorer: str) -> dict[str, float]:
    """Each scored case's mean over its repeats."""
    keys = {trial.pk: trial.case_key for trial in trials if trial.outcome in SCORED}
    values = defaultdict(list)
    scores = Score.objects.filter(trial__evaluation=evaluation, scorer=scorer).order_by("pk")
    for trial_id, value in scores.values_list("trial_id", "value"):
        if trial_id in keys:
            values[keys[trial_id]].append(value)
    return {key: math.fsum(found) / len(found) for key, found in values.items()}


def _scorer_summary(name: str, by_case: Mapping[str, float], trials: Iterable[Trial]) -> ScorerSummary:
    means = list(by_case.values())
    scored = sum(1 for trial in trials if trial.outcome in SCORED)
    return ScorerSummary(name, statistics.mean(means), statistics.interval_of_cases(means, trials=scored))


def _mean_absolute_error(evaluation: Evaluation, trials: Iterable[Trial]) -> float | None:
    """Over the cases that have a number; for number outputs only."""
    if not _is_numeric(evaluation):
        return None
    by_case = defaultdict(list)
    for trial in trials:
        error = absolute_error(trial.expected, trial.extracted or None)
        if trial.outcome in SCORED and error is not None:
            by_case[trial.case_key].append(error)
    return statistics.mean([math.fsum(errors) / len(errors) for errors in by_case.values()])


def _is_numeric(evaluation: Evaluation) -> bool:
    return evaluation.kind == "number"


def _total_cost(trials: Iterable[Trial]) -> Decimal | None:
    costs = [trial.cost for trial in trials if trial.cost is not None]
    return sum(costs, Decimal(0)) if costs else None


def _seconds(evaluation: Evaluation) -> float | None:
    """How long it took; not known where recorded outputs were only scored."""
    if evaluation.recorded_at or evaluation.started_at is None or evaluation.finished_at is None:
        return None
    return (evaluation.finished_at - evaluation.started_at).total_seconds()


def _latency(trials: Iterable[Trial]) -> dict[str, float | None]:
    times = sorted(t.duration_ms / 1000 for t in trials if t.outcome in SCORED and t.duration_ms is not None)
    return {f"p{percent}": statistics.percentile(times, percent) if times else None for percent in PERCENTILES}
