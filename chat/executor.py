"""Carrying runs to their end: each is a task of the server's loop, watched or not."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from agents import build
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import AnyEvent, Finished
from agents.runtime.prompts import input_variable
from chat.history import turns_before
from chat.journal import Journal, LostRun, RunLog, to_wire
from chat.models import Run
from chat.services import runs as services
from chat.services.runs import Ending
from chat.transcript import Transcript
from config.db import in_db

logger = logging.getLogger(__name__)

INTERNAL = "Something went wrong on our side. Nothing of this chat is lost; try again."


class Executor:
    """The runs of one process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._claimed: set[UUID] = set()

    def start(self, run_id: UUID) -> None:
        if run_id not in self._tasks:
            task = asyncio.create_task(self._carry(run_id), name=f"run {run_id}")
            self._tasks[run_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(run_id, None))

    def cancel(self, run_id: UUID) -> None:
        """Stop a run of this process at once: while it waits for a first token, and while a tool runs."""
        if run_id in self._claimed:
            self._claimed.discard(run_id)  # once: a second cancellation would hit the writing of the end
            self._tasks[run_id].cancel()

    @property
    def claimed(self) -> frozenset[UUID]:
        return frozenset(self._claimed)

    async def drain(self, timeout_s: float) -> None:
        """Give runs this long to end by themselves, then stop them; their leases run out and they are picked up."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout_s)

    async def _carry(self, run_id: UUID) -> None:
        run = await in_db(services.claim_run, run_id)
        if run is None:
            return
        shown = Transcript()
        log = self._journal.open(run, shown.texts)
        self._claimed.add(run_id)
        try:
            ending = await self._drive(run, log, shown)
        except asyncio.CancelledError:
            ending = Ending(Run.State.CANCELLED, shown.answer, code="cancelled", detail="You stopped this answer.")
        except LostRun:
            return
        finally:
            self._claimed.discard(run_id)
        await self._end(run, log, shown, ending)

    async def _drive(self, run: Run, log: RunLog, shown: Transcript) -> Ending:
        """Run the agent, showing every event as it comes; whatever happens, this says how the run ends."""
        try:
            if run.cancel_requested_at is not None:
                raise asyncio.CancelledError
            return await self._follow(run, log, shown)
        except RunError as error:
            return _failed(shown, error.code, error.detail, retryable=error.retryable)
        except (PromptError, ConfigurationError) as error:
            return _failed(shown, "agent_not_ready", f"This agent can't be used as it is set up: {error}")
        except LostRun:
            raise
        except Exception:
            logger.exception("Run %s ended by an error of ours", run.pk)
            return _failed(shown, "internal", INTERNAL, retryable=True)

    async def _follow(self, run: Run, log: RunLog, shown: Transcript) -> Ending:
        await log.add(started_event(run))
        finished: Finished | None = None
        async with aclosing(_events_of(run)) as events:
            async for event in events:
                shown.apply_all(to_wire([event]))
                await log.add(event)
                if isinstance(event, Finished):
                    finished = event
        if finished is None:
            raise RuntimeError("the agent ended without an answer")
        return Ending(Run.State.SUCCEEDED, finished.answer or shown.answer, stop_reason=finished.stop_reason)

    async def _end(self, run: Run, log: RunLog, shown: Transcript, ending: Ending) -> None:
        try:
            await log.close(ending.event(run, shown), lambda locked: services.end_run(locked, ending, shown))
        except LostRun:
            logger.warning("Run %s was taken over before its end could be written", run.pk)


def started_event(run: Run) -> dict[str, Any]:
    agent = run.trace.agent
    return {
        "type": "run.started",
        "message": str(run.answer_id),
        "agent": {"slug": agent["slug"], "name": agent["name"]},
        "prompt_version": str(run.trace.prompt_version),
        "model": agent["model"],
    }


async def _events_of(run: Run) -> AsyncIterator[AnyEvent]:
    agent, spec = await build.agent_from(run.trace.agent, run.trace.prompt_version)
    turns = await in_db(turns_before, run)
    question = turns[-1].content
    async with aclosing(agent.run({input_variable(spec): question}, turns[:-1])) as events:
        async for event in events:
            yield event


def _failed(shown: Transcript, code: str, detail: str, *, retryable: bool = False) -> Ending:
    return Ending(Run.State.FAILED, shown.answer, code=code, detail=detail, retryable=retryable)
