"""Two evaluations case by case: what each said to the same case, and which cases only one was asked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from agents.evals.outcomes import SCORED
from agents.models import Trial


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


Change = Literal["improved", "regressed", "different", "same", "error", "waiting", "not compared"]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One case. `different`: another answer with the same score; `error`: a side has no score;
    `not compared`: only one side was asked it, or its input or expected answer was edited in between."""

    case_key: str
    inputs: Mapping[str, Any]
    expected: Any
    critical: bool
    a: CaseSide | None
    b: CaseSide | None
    change: Change


ByCase = Mapping[str, Sequence[Trial]]


def by_case(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    found = defaultdict(list)
    for trial in trials:
        found[trial.case_key].append(trial)
    return dict(found)


def shared_cases(a: ByCase, b: ByCase) -> frozenset[str]:
    """Cases that both were asked, with the same input and the same expected answer."""
    return frozenset(key for key in a.keys() & b.keys() if _asked(a[key]) == _asked(b[key]))


def rows(
    a: ByCase, b: ByCase, shared: frozenset[str], scores: tuple[Mapping[str, float], Mapping[str, float]]
) -> tuple[ComparisonRow, ...]:
    """All cases in the order of their plans; those that can be compared first."""
    keys = sorted(dict.fromkeys((*a, *b)), key=lambda key: key not in shared)
    return tuple(_row(key, a.get(key, ()), b.get(key, ()), key in shared, scores) for key in keys)


def _asked(trials: Sequence[Trial]) -> tuple[Any, Any]:
    return trials[0].inputs, trials[0].expected


def _row(
    key: str,
    trials_a: Sequence[Trial],
    trials_b: Sequence[Trial],
    shared: bool,
    scores: tuple[Mapping[str, float], Mapping[str, float]],
) -> ComparisonRow:
    one = (trials_b or trials_a)[0]
    a, b = _side(trials_a, scores[0].get(key)), _side(trials_b, scores[1].get(key))
    change = _change(a, b) if shared and a and b else "not compared"
    return ComparisonRow(key, one.inputs, one.expected, one.critical, a, b, change)


def _side(trials: Sequence[Trial], score: float | None) -> CaseSide | None:
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


def _change(a: CaseSide, b: CaseSide) -> Change:
    if a.score is None or b.score is None:
        return "waiting" if None in (a.outcome, b.outcome) else "error"
    if a.score != b.score:
        return "improved" if b.score > a.score else "regressed"
    return "same" if a.extracted == b.extracted else "different"
