"""Puts planned cases to a version, many at a time, and hands each result on as soon as it is there.

The provider has its own short retries. On top of them the runner only waits out an outage: when the model can't be
reached or is overloaded, all of the evaluation pauses together, and a trial becomes an error when patience ends.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from agents.evals.outcomes import Outcome, outcome_of
from agents.evals.scorers import Output, Score, Scorer
from agents.runtime.answers import OutputSpec, extract
from agents.runtime.errors import PromptError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled
from agents.runtime.llm import Usage

# Bounds that we set, not the version. Steps, loops and a lost format are the version's own way of not answering.
STOPPED: Final = {
    "timeout": "Stopped at the time limit, before the answer was whole.",
    "token_budget": "Stopped at the token limit, before the answer was whole.",
    "cost_budget": "Stopped at the budget, before the answer was whole.",
}
BROKEN_OFF: Final = "truncated"  # the provider's finish reason of a stream that ended without saying why


class Target(Protocol):
    """What is measured: an agent or a version alone, as the runtime has it."""

    def run(self, inputs: Mapping[str, Any]) -> AsyncIterator[AnyEvent]: ...


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """One case, once. `key` is the caller's own name for it."""

    key: Any
    inputs: Mapping[str, Any]
    expected: Any


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The end of a trial. Time is that of the model, without waiting; `events` are for the trace."""

    trial: PlannedTrial
    outcome: Outcome
    output: str = ""
    extracted: str = ""
    scores: Mapping[str, Score] = field(default_factory=dict)
    error_code: str = ""
    error_detail: str = ""
    duration_ms: int | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None
    model: str = ""
    stop_reason: str = ""
    events: Sequence[AnyEvent] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an outage is waited out: pauses double up to `longest_s`; a trial is given up after `total_s`."""

    first_s: float = 0.5
    longest_s: float = 3.0
    total_s: float = 180.0


E = TypeVar("E", Finished, ModelCalled)
OnResult = Callable[[TrialResult], Awaitable[None]]


async def run_trials(
    trials: Iterable[PlannedTrial],
    *,
    target: Target,
    spec: OutputSpec,
    scorers: Sequence[Scorer],
    concurrency: int,
    on_result: OnResult,
    patience: Patience = Patience(),
) -> None:
    """Run all trials, at most `concurrency` at once. Cancelling this ends every call at the model's server."""
    waiting = iter(trials)
    outage = _Outage(patience)
    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, concurrency)):
            group.create_task(_work(waiting, target, spec, scorers, on_result, outage))


async def _work(
    waiting: Iterator[PlannedTrial],
    target: Target,
    spec: OutputSpec,
    scorers: Sequence[Scorer],
    on_result: OnResult,
    outage: "_Outage",
) -> None:
    for trial in waiting:
        await on_result(await _one(trial, target, spec, scorers, outage))


async def _one(
    trial: PlannedTrial, target: Target, spec: OutputSpec, scorers: Sequence[Scorer], outage: "_Outage"
) -> TrialResult:
    if trial.expected is None and any(scorer.needs_expected for scorer in scorers):
        return TrialResult(trial, "skipped", error_detail="The case has no expected answer.")
    failing_since: float | None = None
    while True:
        await outage.over()
        started = time.monotonic()
        events: list[AnyEvent] = []
        try:
            await _ask(target, trial.inputs, events)
        except PromptError as error:
            return _failed(trial, "prompt", error.detail, events)
        except RunError as error:
            if _replied(error, events):
                return _judged(trial, events, spec, scorers)
            failing_since = started if failing_since is None else failing_since
            if not outage.waits_for(error, called_at=started, failing_since=failing_since):
                return _failed(trial, error.code, error.detail, events)
        else:
            outage.ended()
            return _judged(trial, events, spec, scorers)


async def _ask(target: Target, inputs: Mapping[str, Any], events: list[AnyEvent]) -> None:
    """Fill `events`. An answer that isn't whole through no fault of the version's is a RunError too."""
    async for event in target.run(inputs):
        events.append(event)  # noqa: PERF401 what came before a failure is kept
    if (finished := _last(Finished, events)) and (detail := STOPPED.get(finished.stop_reason)):
        raise RunError(finished.stop_reason, detail)
    if (call := _last(ModelCalled, events)) and call.finish_reason == BROKEN_OFF:
        raise RunError("broken_off", "The reply broke off: its connection ended early.", retryable=True)


class _Outage:
    """One pause for all trials of an evaluation while the model doesn't answer."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._until = 0.0
        self._pause = patience.first_s

    async def over(self) -> None:
        # Each failure may have moved the end while this slept.
        while (left := self._until - time.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)

    def waits_for(self, error: RunError, *, called_at: float, failing_since: float) -> bool:
        """Begin or prolong the pause after a failed call; False when waiting won't help, or hasn't helped."""
        now = time.monotonic()
        # A timeout is left alone: it has cost minutes already, and a model that slow won't be quicker next time.
        if not error.retryable or error.code == "timeout" or now - failing_since > self._patience.total_s:
            return False
        # Asked for once more only: some servers may end every stream like this.
        if error.code == "broken_off" and failing_since < called_at:
            return False
        # Calls that were under way when the pause began make it no longer.
        if called_at >= self._until:
            asked = getattr(error, "retry_after_s", None) or 0.0
            self._until = now + max(self._pause, min(asked, self._patience.total_s))
            self._pause = min(self._pause * 2, self._patience.longest_s)
        return True

    def ended(self) -> None:
        self._pause = self._patience.first_s


def _replied(error: RunError, events: Sequence[AnyEvent]) -> bool:
    """An empty or a filtered reply is a reply: what the version asked for led to it, and waiting won't help."""
    last = events[-1] if events else None
    if not isinstance(last, ModelCalled) or last.error is not None or last.finish_reason == BROKEN_OFF:
        return False
    return error.code in ("protocol", "content_filter")


def _judged(
    trial: PlannedTrial, events: Sequence[AnyEvent], spec: OutputSpec, scorers: Sequence[Scorer]
) -> TrialResult:
    finished, last_call = _last(Finished, events), _last(ModelCalled, events)
    text = finished.answer if finished else ""
    answer = (finished.extraction if finished else None) or extract(text, spec)
    scores = _scores(trial.expected, Output(text, answer), spec, scorers)
    passed = bool(scorers) and scores[scorers[0].name].value >= scorers[0].threshold
    outcome = outcome_of(
        text=text,
        answered=answer.value is not None,
        passed=passed,
        finish_reason=last_call.finish_reason if last_call else "",
    )
    return TrialResult(
        trial,
        outcome,
        output=text,
        extracted=answer.shown if answer.value is not None else "",
        scores=scores,
        stop_reason=finished.stop_reason if finished else "",
        **_spent(events),
    )


def _scores(expected: Any, output: Output, spec: OutputSpec, scorers: Sequence[Scorer]) -> dict[str, Score]:
    """No answer scores 0: it is the version's fault."""
    if output.answer.value is None:
        return {scorer.name: Score(0.0, "no answer found") for scorer in scorers}
    return {scorer.name: scorer.score(expected, output, spec) for scorer in scorers}


def _failed(trial: PlannedTrial, code: str, detail: str, events: Sequence[AnyEvent]) -> TrialResult:
    """An answer that isn't whole is kept to be read, and not judged."""
    finished = _last(Finished, events)
    return TrialResult(
        trial,
        "error",
        output=finished.answer if finished else "",
        error_code=code,
        error_detail=detail,
        stop_reason=finished.stop_reason if finished else "",
        **_spent(events),
    )


def _last(kind: type[E], events: Sequence[AnyEvent]) -> E | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


def _spent(events: Sequence[AnyEvent]) -> dict[str, Any]:
    calls = [event for event in events if isinstance(event, ModelCalled)]
    costs = [call.cost for call in calls if call.cost is not None]
    return {
        "events": events,
        "duration_ms": sum(call.duration_ms for call in calls) if calls else None,
        "usage": sum((call.usage for call in calls), Usage()),
        "cost": sum(costs, Decimal(0)) if costs else None,
        "model": calls[-1].model if calls else "",
    }
