"""What an evaluation will do: frozen when it is created, taken up again when it is resumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents import build
from agents.evals.scorers import ScorerError, default_scorer, parse_scorer
from agents.models import Case, Chain, Dataset, Evaluation, PromptVersion, Trace, Trial, User
from agents.runtime.answers import parse_output
from agents.runtime.chains import parse_chain
from agents.runtime.errors import ConfigurationError
from agents.services.agents import resolve_chain

MOST_REPEATS = 100
MOST_CONCURRENT = 200
LONGEST_SCORER = 60


class PlanError(ValueError):
    """An evaluation that can't be planned; the sentence says what to change."""


@transaction.atomic
def plan_evaluation(
    *,
    version: PromptVersion | None = None,
    chain: Chain | None = None,
    dataset: Dataset,
    split: str = "",
    scorers: Sequence[str] = (),
    repeats: int = 1,
    concurrency: int = 2,
    model: str | None = None,
    limit: int | None = None,
    runner: str = Evaluation.Runner.SERVER,
    created_by: User | None = None,
) -> Evaluation:
    """One row, and one trial for each case and repeat with copies of its input and expected answer.

    What is measured is a version, or a chain as it is now; without a model of its own, each step of a chain has its.
    """
    _check_numbers(repeats, concurrency, limit)
    subject = _chain(chain) if chain else _version(version)
    cases = _cases(dataset, split, limit)
    _check_inputs(subject, cases)
    evaluation = Evaluation.objects.create(
        version=version,
        chain=chain,
        target=subject.target,
        dataset=dataset,
        split=split,
        limit=limit,
        model=model or subject.model,
        repeats=repeats,
        concurrency=concurrency,
        scorers=_scorer_names(scorers or [default_scorer(subject.kind)]),
        runner=runner,
        created_by=created_by,
    )
    trials = (_trial(evaluation, case, repeat) for repeat in range(repeats) for case in cases)
    Trial.objects.bulk_create(trials, batch_size=500)
    return evaluation


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is measured: the kind of its answer, the inputs that a case must have, and what is kept of it."""

    what: str
    kind: str
    needed: list[str]
    model: str
    target: dict[str, Any]


def _version(version: PromptVersion | None) -> _Subject:
    if version is None:
        raise PlanError("Say what to measure: a version of a prompt, or a chain.")
    if not version.is_published:
        raise PlanError(f"{version} is a draft. Publish it first: results belong to a wording that can't change.")
    spec = build.spec_of(version)
    needed = [variable.name for variable in spec.variables if variable.required]
    return _Subject("prompt", spec.output.kind, needed, version.model, {})


def _chain(chain: Chain) -> _Subject:
    try:
        target = resolve_chain(chain)
    except ConfigurationError as error:
        raise PlanError(f"The chain “{chain.slug}” can't run: {error}") from error
    needed = parse_chain(target["definition"]).required
    return _Subject("chain", parse_output(target["output"]).kind, needed, "", target)


@transaction.atomic
def cancel_evaluation(*, evaluation: Evaluation) -> Evaluation:
    """Ask whoever runs it to stop; where nobody does, it ends here. What is done is kept."""
    unfinished = Evaluation.objects.unfinished().filter(pk=evaluation.pk)
    now = timezone.now()
    unfinished.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)).update(
        state=Evaluation.State.CANCELLED, finished_at=now, cancel_requested_at=now, lease_expires_at=None
    )
    unfinished.filter(cancel_requested_at=None).update(cancel_requested_at=now)
    return Evaluation.objects.get(pk=evaluation.pk)


@transaction.atomic
def resume_evaluation(*, evaluation: Evaluation, runner: str = Evaluation.Runner.SERVER) -> Evaluation:
    """Queue what is left again: trials without an outcome, and those that ended in an error."""
    held = Evaluation.objects.filter(pk=evaluation.pk, lease_expires_at__gte=timezone.now())
    if held.exists():
        raise PlanError("This evaluation is still running. Wait for it, or cancel it first.")
    errors = evaluation.trials.filter(outcome=Trial.Outcome.ERROR)
    traces = list(errors.exclude(trace=None).values_list("trace_id", flat=True))
    errors.update(
        outcome=None, error_code="", error_detail="", output="", trace=None, duration_ms=None, finished_at=None
    )
    Trace.objects.filter(pk__in=traces).delete()
    if evaluation.trials.left().exists():
        Evaluation.objects.filter(pk=evaluation.pk).update(
            state=Evaluation.State.QUEUED,
            runner=runner,
            finished_at=None,
            cancel_requested_at=None,
            lease_expires_at=None,
        )
    return Evaluation.objects.get(pk=evaluation.pk)


def retry_errors(*, evaluation: Evaluation) -> Evaluation:
    """Have the server take up what is left."""
    return resume_evaluation(evaluation=evaluation, runner=Evaluation.Runner.SERVER)


def _scorer_names(names: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(name.strip() for name in names))
    for name in unique:
        try:
            parse_scorer(name)
        except ScorerError as error:
            raise PlanError(str(error)) from error
        if len(name) > LONGEST_SCORER:
            raise PlanError(f"The scorer “{name}” is too long: {LONGEST_SCORER} characters are the most.")
    return unique


def _check_numbers(repeats: int, concurrency: int, limit: int | None) -> None:
    if not 1 <= repeats <= MOST_REPEATS:
        raise PlanError(f"Repeats must be between 1 and {MOST_REPEATS}.")
    if not 1 <= concurrency <= MOST_CONCURRENT:
        raise PlanError(f"Concurrency must be between 1 and {MOST_CONCURRENT}.")
    if limit is not None and limit < 1:
        raise PlanError("The limit must be at least 1.")


def _cases(dataset: Dataset, split: str, limit: int | None) -> list[Case]:
    cases = dataset.cases.filter(split=split) if split else dataset.cases.all()
    chosen = list(cases.order_by("pk")[:limit])
    if chosen:
        return chosen
    if not split:
        raise PlanError(f"The dataset “{dataset.slug}” has no cases. Import some first.")
    splits = sorted(filter(None, dataset.cases.order_by().values_list("split", flat=True).distinct()))
    raise PlanError(f"The dataset “{dataset.slug}” has no split “{split}”. Splits: {', '.join(splits) or 'none'}.")


def _check_inputs(subject: _Subject, cases: Sequence[Case]) -> None:
    """A variable that a case doesn't give would only come out as an error of each trial."""
    for case in cases:
        if missing := [name for name in subject.needed if name not in case.inputs]:
            raise PlanError(
                f"Case “{case.case_id}” has no input {', '.join(missing)}, which the {subject.what} needs. "
                f"Its inputs: {', '.join(case.inputs)}."
            )


def _trial(evaluation: Evaluation, case: Case, repeat: int) -> Trial:
    return Trial(
        evaluation=evaluation,
        case=case,
        case_key=case.case_id,
        repeat=repeat,
        inputs=case.inputs,
        expected=case.expected,
        critical=case.critical,
    )
