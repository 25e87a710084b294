"""Who runs an evaluation, and what has become of its trials.

The lease's own end is the fencing token: it is renewed only by whoever knows the value that stands there, so a runner
that was thought dead finds out at its next renewal. Results are only written where there is none, so each planned
trial gets exactly one outcome whoever brings it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents.evals.runner import TrialResult
from agents.models import Evaluation, Score, Trace, Trial
from agents.models.evaluations import EvaluationQuerySet
from agents.services.whole_traces import WholeTrace, keep_all, whole_trace

LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Renewal:
    """`until` is the new lease, None when somebody else has it; `cancelled` when a person asked to stop."""

    until: datetime | None
    cancelled: bool


def claim(evaluation_id: UUID) -> Evaluation | None:
    """Take an evaluation that nobody runs, or None."""
    now = timezone.now()
    claimed = (
        _free(now)
        .filter(pk=evaluation_id)
        .update(state=Evaluation.State.RUNNING, lease_expires_at=now + LEASE, started_at=Coalesce("started_at", now))
    )
    if not claimed:
        return None
    return Evaluation.objects.select_related("version__prompt", "chain", "dataset").get(pk=evaluation_id)


def claim_next() -> Evaluation | None:
    """Take the oldest evaluation that waits for the server or was left behind by one."""
    waiting = _free(timezone.now()).filter(runner=Evaluation.Runner.SERVER).order_by("created_at")
    for evaluation_id in waiting.values_list("pk", flat=True)[:10]:
        if evaluation := claim(evaluation_id):
            return evaluation
    return None


def renew(evaluation_id: UUID, lease: datetime) -> Renewal:
    until = timezone.now() + LEASE
    mine = Evaluation.objects.unfinished().filter(pk=evaluation_id, lease_expires_at=lease)
    if not mine.update(lease_expires_at=until):
        return Renewal(None, cancelled=False)
    cancelled = Evaluation.objects.filter(pk=evaluation_id).exclude(cancel_requested_at=None).exists()
    return Renewal(until, cancelled)


def release(evaluation_id: UUID, lease: datetime) -> None:
    """Give an unfinished evaluation back at once, so that the next runner needn't wait for the lease's end."""
    mine = Evaluation.objects.unfinished().filter(pk=evaluation_id, lease_expires_at=lease)
    mine.update(state=Evaluation.State.QUEUED, lease_expires_at=None)


def finish(evaluation_id: UUID, lease: datetime, *, cancelled: bool) -> None:
    state = Evaluation.State.CANCELLED if cancelled else Evaluation.State.DONE
    mine = Evaluation.objects.unfinished().filter(pk=evaluation_id, lease_expires_at=lease)
    mine.update(state=state, finished_at=timezone.now(), lease_expires_at=None)


def trials_left(evaluation: Evaluation) -> list[Trial]:
    return list(evaluation.trials.left().order_by("pk"))


@transaction.atomic
def store_results(evaluation: Evaluation, results: Sequence[TrialResult]) -> None:
    """Write a batch of results with their scores and traces."""
    open_now = set(
        Trial.objects.left().filter(pk__in=[result.trial.key for result in results]).values_list("pk", flat=True)
    )
    stored = {result.trial.key: result for result in results if result.trial.key in open_now}
    kept = {key: _trace(evaluation, result) for key, result in stored.items() if result.events}
    keep_all(kept.values())
    for key, result in stored.items():
        _end(key, result, kept[key].trace if key in kept else None)
    Score.objects.bulk_create(
        Score(trial_id=key, scorer=name, value=score.value, detail=score.detail[:300])
        for key, result in stored.items()
        for name, score in result.scores.items()
    )
    if model := next((result.model for result in results if result.model), ""):
        Evaluation.objects.filter(pk=evaluation.pk, model_used="").update(model_used=model[:200])


def _end(key: int, result: TrialResult, trace: Trace | None) -> None:
    Trial.objects.filter(pk=key).update(
        trace=trace,
        outcome=result.outcome,
        output=result.output,
        extracted=result.extracted,
        error_code=result.error_code[:40],
        error_detail=result.error_detail,
        duration_ms=result.duration_ms,
        input_tokens=result.usage.input,
        output_tokens=result.usage.output,
        cost=result.cost,
        finished_at=timezone.now(),
    )


def _trace(evaluation: Evaluation, result: TrialResult) -> WholeTrace:
    return whole_trace(
        kind=Trace.Kind.TRIAL,
        prompt_version=evaluation.version,
        agent={"kind": "chain", "chain": evaluation.chain.slug} if evaluation.chain else {},
        events=result.events,
        status="failed" if result.outcome == "error" else "succeeded",
        stop_reason=result.stop_reason,
    )


def _free(now: datetime) -> EvaluationQuerySet:
    return Evaluation.objects.unfinished().filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=now))
