"""Two evaluations side by side: is the second better, worse, or can't one say yet?"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from agents.evals import statistics
from agents.evals.outcomes import SCORED
from agents.models import Evaluation, Trial
from agents.services.evaluations.summary import Summary, case_scores, summary

Verdict = Literal["better", "worse", "not sure yet"]
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class ScorerComparison:
    """One scorer over the cases that both have scored. `p` is adjusted for the number of scorers (Holm)."""

    name: str
    cases: int
    difference: float | None
    interval: tuple[float, float] | None
    improved: int
    regressed: int
    p: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class CaseSide:
    """What one evaluation has of one case: the first trial's text, the mean score, the trial for its trace."""

    trial: int
    trace: UUID | None
    outcome: str | None
    output: str
    extracted: str
    score: float | None
    repeats: int


Change = Literal["improved", "regressed", "different", "same", "error"]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One case. `different` means another answer with the same score; `error` that one side has no score."""

    case_key: str
    inputs: Mapping[str, Any]
    expected: Any
    critical: bool
    a: CaseSide | None
    b: CaseSide | None
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a` is the baseline. The verdict is that of the first scorer that both have."""

    a: Summary
    b: Summary
    scorers: tuple[ScorerComparison, ...]
    verdict: Verdict
    sentence: str
    rows: tuple[ComparisonRow, ...]


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """How b differs from a, case by case and over all."""
    trials_a, trials_b = list(a.trials.all()), list(b.trials.all())
    shared = [name for name in b.scorers if name in a.scorers]
    scores = {name: (case_scores(a, trials_a, name), case_scores(b, trials_b, name)) for name in shared}
    scorers = _compare_scorers(scores)
    main = scores[shared[0]] if shared else ({}, {})
    nothing = "The two have no scorer in common, so they can't be compared."
    return Comparison(
        a=summary(a),
        b=summary(b),
        scorers=scorers,
        verdict=scorers[0].verdict if scorers else "not sure yet",
        sentence=scorers[0].sentence if scorers else nothing,
        rows=_rows(trials_a, trials_b, *main),
    )


def _compare_scorers(
    scores: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]],
) -> tuple[ScorerComparison, ...]:
    differences = {name: [b[key] - a[key] for key in a if key in b] for name, (a, b) in scores.items()}
    p_values = statistics.holm([_p_of(values) for values in differences.values()])
    return tuple(
        _compare_scorer(name, values, p) for (name, values), p in zip(differences.items(), p_values, strict=True)
    )


def _p_of(differences: list[float]) -> float:
    """McNemar's test where each case is right or wrong; with repeats its generalisation to graded differences."""
    if set(differences) <= {-1.0, 0.0, 1.0}:
        return statistics.mcnemar(differences.count(1.0), differences.count(-1.0))
    return statistics.sign_flip(differences)


def _compare_scorer(name: str, differences: list[float], p: float) -> ScorerComparison:
    improved = sum(1 for value in differences if value > 0)
    regressed = sum(1 for value in differences if value < 0)
    average = statistics.mean(differences)
    verdict: Verdict = "not sure yet"
    if average and p < SIGNIFICANT:
        verdict = "better" if average > 0 else "worse"
    return ScorerComparison(
        name=name,
        cases=len(differences),
        difference=average,
        interval=statistics.paired_bootstrap(differences),
        improved=improved,
        regressed=regressed,
        p=p if differences else None,
        verdict=verdict,
        sentence=_sentence(verdict, differences, improved, regressed, p),
    )


def _sentence(verdict: Verdict, differences: list[float], improved: int, regressed: int, p: float) -> str:
    if not differences:
        return "The two have no scored case in common, so they can't be compared."
    cases = f"{len(differences)} cases"
    counts = f"{improved} improved and {regressed} got worse"
    points = abs(statistics.mean(differences) or 0) * 100
    if verdict != "not sure yet":
        chance = f"Chance alone would do this in about {max(p, 0.001):.1%} of such comparisons."
        return f"The score is {points:.0f} points {_direction(verdict)} on {cases}: {counts}. {chance}"
    if not improved and not regressed:
        return f"No difference on {cases}: every one scores the same."
    needed, smallest = statistics.cases_needed(differences), statistics.smallest_difference(differences)
    hint = f" About {needed:,} cases would settle a difference of this size." if needed and points >= 0.5 else ""
    shown = f" These cases could have shown one of about {smallest * 100:.0f} points." if smallest else ""
    return f"{counts} of {cases}: that may be chance.{shown}{hint}".capitalize()


def _direction(verdict: Verdict) -> str:
    return "higher" if verdict == "better" else "lower"


def _rows(
    trials_a: list[Trial], trials_b: list[Trial], scores_a: Mapping[str, float], scores_b: Mapping[str, float]
) -> tuple[ComparisonRow, ...]:
    by_case_a, by_case_b = _by_case(trials_a), _by_case(trials_b)
    keys = list(dict.fromkeys((*by_case_a, *by_case_b)))
    return tuple(
        _row(
            key,
            by_case_a.get(key, []),
            by_case_b.get(key, []),
            scores_a.get(key),
            scores_b.get(key),
        )
        for key in keys
    )


def _by_case(trials: list[Trial]) -> dict[str, list[Trial]]:
    by_case = defaultdict(list)
    for trial in trials:
        by_case[trial.case_key].append(trial)
    return by_case


def _row(
    key: str, trials_a: list[Trial], trials_b: list[Trial], score_a: float | None, score_b: float | None
) -> ComparisonRow:
    one = (trials_b or trials_a)[0]
    a, b = _side(trials_a, score_a), _side(trials_b, score_b)
    return ComparisonRow(key, one.inputs, one.expected, one.critical, a, b, _change(a, b))


def _side(trials: list[Trial], score: float | None) -> CaseSide | None:
    if not trials:
        return None
    outcomes = {trial.outcome for trial in trials}
    first = trials[0]
    return CaseSide(
        trial=first.pk,
        trace=first.trace_id,
        outcome=first.outcome if len(outcomes) == 1 else "mixed",
        output=first.output,
        extracted=first.extracted,
        score=score if any(trial.outcome in SCORED for trial in trials) else None,
        repeats=len(trials),
    )


def _change(a: CaseSide | None, b: CaseSide | None) -> Change:
    if a is None or b is None or a.score is None or b.score is None:
        return "error"
    if a.score != b.score:
        return "improved" if b.score > a.score else "regressed"
    return "same" if a.extracted == b.extracted else "different"
