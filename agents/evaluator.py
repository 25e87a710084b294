"""Carries evaluations to their end: claims them, runs what is left, stores results as they come, and lets go.

The server runs those that were started in the admin and resumes its own after a crash; a command runs its own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from django.db import OperationalError

from agents import build
from agents.evals.runner import PlannedTrial, Target, TrialResult, run_trials
from agents.evals.scorers import parse_scorer
from agents.models import Evaluation, Trial
from agents.runtime.chains import ChainAgent
from agents.runtime.errors import RunError
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM
from agents.runtime.prompts import PromptSpec
from agents.services import evaluations
from config.db import in_db

logger = logging.getLogger(__name__)

RENEW_S = 0.5
LOOK_S = 1.0
MODEL_LOADS_WITHIN_S = 300.0
AT_ONCE = 2  # evaluations of one server
BREATH_S = 0.15  # who waits for SQLite looks again every 100 ms
MOST_TOGETHER = 100  # results in one transaction, for which a chat may have to wait
# Generous for a small machine that serves its own model; a hosted one answers long before.
LIMITS = Limits(max_steps=1, timeout_s=600, max_total_tokens=None)

UNSTORABLE = "The answer holds something that the database doesn't take. The server's log has the details."

Made = TypeVar("Made")
OnProgress = Callable[[Sequence[TrialResult]], None]


async def serve_evaluations(stopping: asyncio.Event) -> None:
    """Run what waits for the server or was left behind, until the server stops; unfinished ones are given back."""
    running: set[asyncio.Task[None]] = set()
    try:
        while not stopping.is_set():
            try:
                await _start_what_waits(running)
            except Exception:
                logger.exception("Waiting evaluations couldn't be looked for; they are looked for again")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_S)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _start_what_waits(running: set[asyncio.Task[None]]) -> None:
    while len(running) < AT_ONCE and (claimed := await in_db(evaluations.claim_next)):
        task = asyncio.create_task(_carry(claimed))
        running.add(task)
        task.add_done_callback(running.discard)


async def run_evaluation(evaluation_id: UUID, *, on_progress: OnProgress | None = None, llm: LLM | None = None) -> bool:
    """Run one evaluation here and now; False when somebody else has it or nothing is left of it to claim."""
    if not (claimed := await in_db(evaluations.claim, evaluation_id)):
        return False
    await _carry(claimed, on_progress, llm)
    return True


def trials_of(rows: Sequence[Trial]) -> list[PlannedTrial]:
    return [PlannedTrial(row.pk, row.inputs, row.expected) for row in rows]


async def measure(
    evaluation: Evaluation,
    trials: Sequence[PlannedTrial],
    *,
    agent: Target,
    spec: PromptSpec | ChainAgent,
    on_result: Callable[[TrialResult], None],
) -> None:
    """Put trials to a version or a chain. Touches no database: results go to `on_result`."""

    async def hand_on(result: TrialResult) -> None:
        on_result(result)

    await run_trials(
        trials,
        target=agent,
        spec=spec.output,
        scorers=[parse_scorer(name) for name in evaluation.scorers],
        concurrency=evaluation.concurrency,
        on_result=hand_on,
    )


async def _carry(evaluation: Evaluation, on_progress: OnProgress | None = None, llm: LLM | None = None) -> None:
    """Hold the lease while the work goes on, and end the evaluation as it ended."""
    results = _Results(evaluation, on_progress)
    lease = _Lease(evaluation)
    work = asyncio.create_task(_work(evaluation, results, llm))
    tasks = {work, asyncio.create_task(lease.keep()), asyncio.create_task(results.write())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Also when this task itself is cancelled: what is done is stored before the lease goes.
        done = work.done() and not work.cancelled() and work.exception() is None
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                logger.error("Evaluation %s stopped", evaluation.pk, exc_info=ended)
        await results.flush()
        if done or lease.cancelled:
            await in_db(evaluations.finish, evaluation.pk, lease.until, cancelled=not done)
        else:
            await in_db(evaluations.release, evaluation.pk, lease.until)


async def _work(evaluation: Evaluation, results: "_Results", llm: LLM | None) -> None:
    left = trials_of(await in_db(evaluations.trials_left, evaluation))
    try:
        if evaluation.version is None:
            chain = await _chain_of(evaluation, llm)
            await measure(evaluation, left, agent=chain, spec=chain, on_result=results.add)
            return
        llm = llm or await _llm_of(evaluation)
        agent = await in_db(build.agent_of_version, evaluation.version, llm, LIMITS)
        spec = await in_db(build.spec_of, evaluation.version)
        await measure(evaluation, left, agent=agent, spec=spec, on_result=results.add)
    except RunError as error:
        results.fail_the_rest(left, error.code, error.detail)
    except Exception:
        logger.exception("Evaluation %s failed", evaluation.pk)
        results.fail_the_rest(left, "internal", "Something went wrong on our side. The server's log has the details.")


async def _llm_of(evaluation: Evaluation) -> LLM:
    """The model, also when it is only just loading."""
    return await _patiently(lambda: build.language_models.llm_for(evaluation.model))


async def _chain_of(evaluation: Evaluation, llm: LLM | None) -> ChainAgent:
    """The chain as it was planned. A model that is named takes the place of its prompts' own."""
    llm = llm or (await _llm_of(evaluation) if evaluation.model else None)
    return await _patiently(lambda: build.chain_from(evaluation.target, LIMITS, llm=llm))


async def _patiently(make: Callable[[], Awaitable[Made]]) -> Made:
    loop = asyncio.get_running_loop()
    end = loop.time() + MODEL_LOADS_WITHIN_S
    while True:
        try:
            return await make()
        except RunError as error:
            if not error.retryable or loop.time() > end:
                raise
        await asyncio.sleep(LOOK_S)


class _Lease:
    """This process's hold on an evaluation; `until` is the value that proves it."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._id = evaluation.pk
        self.until = evaluation.lease_expires_at
        self.cancelled = False

    async def keep(self) -> None:
        """Renew until somebody asks to stop, or somebody else has it."""
        while True:
            await asyncio.sleep(RENEW_S)
            # Shielded: a renewal that is cut off would leave a value here that no longer proves anything.
            renewal = asyncio.ensure_future(in_db(evaluations.renew, self._id, self.until))
            try:
                renewed = await asyncio.shield(renewal)
            except asyncio.CancelledError:
                self.until = (await renewal).until or self.until
                raise
            if renewed.until is None:
                logger.warning("Evaluation %s has been taken over by another process", self._id)
                return
            self.until = renewed.until
            if renewed.cancelled:
                self.cancelled = True
                return


class _Results:
    """Results on their way to the database: whatever has come in while a batch is written makes the next one."""

    def __init__(self, evaluation: Evaluation, on_progress: OnProgress | None) -> None:
        self._evaluation = evaluation
        self._on_progress = on_progress
        self._pending: list[TrialResult] = []
        self._came = asyncio.Event()
        self._seen: set[object] = set()
        self._writing = asyncio.Lock()

    def add(self, result: TrialResult) -> None:
        self._pending.append(result)
        self._seen.add(result.trial.key)
        self._came.set()

    def fail_the_rest(self, trials: Sequence[PlannedTrial], code: str, detail: str) -> None:
        for trial in trials:
            if trial.key not in self._seen:
                self.add(TrialResult(trial, "error", error_code=code, error_detail=detail))

    async def write(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write all that is there, after what is being written.

        With a breath between batches: SQLite has one writer at a time and no queue, so one that goes on without a
        pause keeps the others out until they give up.
        """
        async with self._writing:
            while self._pending:
                await self._write(self._pending[:MOST_TOGETHER])
                await asyncio.sleep(BREATH_S)

    async def _write(self, batch: Sequence[TrialResult]) -> None:
        await in_db(self._store, batch)  # locked or away: what is paid for is kept for the next try
        del self._pending[: len(batch)]
        if self._on_progress:
            self._on_progress(batch)

    def _store(self, batch: Sequence[TrialResult]) -> None:
        """Together, else one by one: a result that can't be stored costs its own trial, and isn't paid for again."""
        try:
            evaluations.store_results(self._evaluation, batch)
            return
        except OperationalError:
            raise
        except Exception:
            logger.exception("Results of evaluation %s are stored one by one", self._evaluation.pk)
        for result in batch:
            try:
                evaluations.store_results(self._evaluation, [result])
            except Exception:
                logger.exception("The result of trial %s can't be stored", result.trial.key)
                failed = TrialResult(result.trial, "error", error_code="internal", error_detail=UNSTORABLE)
                evaluations.store_results(self._evaluation, [failed])
