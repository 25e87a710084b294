"""Two evaluations side by side: is the second better, worse, or can't one say yet?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agents.evals import statistics
from agents.models import Evaluation
from agents.services.evaluations.rows import ComparisonRow, by_case, rows, shared_cases
from agents.services.evaluations.summary import Summary, case_scores, summarise

Verdict = Literal["better", "worse", "not sure yet"]
SIGNIFICANT = 0.05


class ComparisonError(ValueError):
    """Two evaluations that can't be set against each other; the sentence says why."""


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
class Comparison:
    """`a` is the baseline. Both sides are summed up over the shared cases and by the shared scorers alone.

    The verdict is that of the first shared scorer. `left_out` counts cases that only one side was asked, or that were
    edited in between; `whole` says that there are none.
    """

    a: Summary
    b: Summary
    scorers: tuple[ScorerComparison, ...]
    verdict: Verdict
    sentence: str
    shared: int
    left_out: int
    rows: tuple[ComparisonRow, ...]

    @property
    def main(self) -> str:
        """The scorer that decides; empty where the two have none in common."""
        return self.scorers[0].name if self.scorers else ""


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """How b differs from a, case by case and over all. Raises ComparisonError for an evaluation against itself."""
    if a.pk == b.pk:
        raise ComparisonError("This is the same evaluation twice. Choose another one to compare it with.")
    cases_a, cases_b = by_case(a.trials.all()), by_case(b.trials.all())
    shared = shared_cases(cases_a, cases_b)
    trials_a, trials_b = ([trial for key, found in cases.items() if key in shared for trial in found]
                          for cases in (cases_a, cases_b))  # fmt: skip
    names = [name for name in b.scorers if name in a.scorers]
    scores = {name: (case_scores(a, trials_a, name), case_scores(b, trials_b, name)) for name in names}
    scorers = _compare_scorers(scores)
    return Comparison(
        a=summarise(a, trials_a, {name: found for name, (found, _) in scores.items()}),
        b=summarise(b, trials_b, {name: found for name, (_, found) in scores.items()}),
        scorers=scorers,
        verdict=scorers[0].verdict if scorers else "not sure yet",
        sentence=_whole_sentence(a, b, len(shared), scorers),
        shared=len(shared),
        left_out=len(cases_a.keys() | cases_b.keys()) - len(shared),
        rows=rows(cases_a, cases_b, shared, scores[names[0]] if names else ({}, {})),
    )


def _whole_sentence(a: Evaluation, b: Evaluation, shared: int, scorers: tuple[ScorerComparison, ...]) -> str:
    if not shared:
        return "The two have no case in common, so they can't be compared. Measure both on the same dataset."
    if not scorers:
        return (
            f"The two have no scorer in common, so they can't be compared: one was scored by {_listed(a)}, "
            f"the other by {_listed(b)}. Measure one of them again with the scorer of the other."
        )
    return scorers[0].sentence


def _listed(evaluation: Evaluation) -> str:
    return ", ".join(map(str, evaluation.scorers))


def _compare_scorers(
    scores: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]],
) -> tuple[ScorerComparison, ...]:
    differences = {name: [b[key] - a[key] for key in a if key in b] for name, (a, b) in scores.items()}
    p_values = statistics.holm([_p_of(values) for values in differences.values()])
    several = len(differences)
    return tuple(
        _compare_scorer(name, values, p, several)
        for (name, values), p in zip(differences.items(), p_values, strict=True)
    )


def _p_of(differences: list[float]) -> float:
    """McNemar's test where each case is right or wrong; with repeats its generalisation to graded differences."""
    if set(differences) <= {-1.0, 0.0, 1.0}:
        return statistics.mcnemar(differences.count(1.0), differences.count(-1.0))
    return statistics.sign_flip(differences)


def _compare_scorer(name: str, differences: list[float], p: float, several: int) -> ScorerComparison:
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
        sentence=_sentence(verdict, differences, improved, regressed, p, several),
    )


def _sentence(verdict: Verdict, differences: list[float], improved: int, regressed: int, p: float, several: int) -> str:
    if not differences:
        return "No case has been scored on both sides yet."
    cases = f"{len(differences)} cases" if len(differences) > 1 else "1 case"
    counts = f"{improved} improved and {regressed} got worse"
    points = abs(statistics.mean(differences) or 0) * 100
    if verdict != "not sure yet":
        adjusted = f", counting that {several} scorers were looked at" if several > 1 else ""
        chance = f"Chance alone would do this in about {max(p, 0.001) * 100:.1f} % of such comparisons{adjusted}."
        return f"The score is {points:.0f} points {_direction(verdict)} on {cases}: {counts}. {chance}"
    if not improved and not regressed:
        every = "every one scores the same" if len(differences) > 1 else "it scores the same"
        return f"No difference on {cases}: {every}."
    needed, smallest = statistics.cases_needed(differences), statistics.smallest_difference(differences)
    hint = f" About {needed:,} cases would settle a difference of this size." if needed and points >= 0.5 else ""
    shown = f" {_these(cases)} could have shown one of about {smallest * 100:.0f} points." if smallest else ""
    return f"{counts} of {cases}: that may be chance.{shown}{hint}"


def _these(cases: str) -> str:
    return "This case" if cases == "1 case" else "These cases"


def _direction(verdict: Verdict) -> str:
    return "higher" if verdict == "better" else "lower"
