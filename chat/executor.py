"""Carrying runs to their end: each is a task of the server's loop, watched or not."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from agents import build
from agents.runtime.chains import ChainSpec
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled, ModelCalling, Notice, StepFinished, StepStarted
from agents.runtime.memory import TRIMMED, sees_history
from agents.runtime.prompts import PromptSpec
from chat.history import remembered
from chat.journal import Journal, LostRun, RunLog, to_wire
from chat.models import Run
from chat.open_call import OpenCall
from chat.services import runs as services
from chat.services.runs import Ending
from chat.summariser import Summariser
from chat.transcript import Transcript
from config.db import in_db

logger = logging.getLogger(__name__)

INTERNAL = "Something went wrong on our side. Nothing of this chat is lost; try again."


@dataclass(slots=True)
class _Work:
    """A claimed run on its way: what was shown, and the steps and the model calls that are under way."""

    run: Run
    log: RunLog
    shown: Transcript
    calling: dict[int, OpenCall] = field(default_factory=dict)
    began: dict[int, float] = field(default_factory=dict)

    async def take(self, event: AnyEvent) -> None:
        """Show and store an event."""
        if isinstance(event, ModelCalling):
            self.calling[event.call] = OpenCall(event)
        elif isinstance(event, ModelCalled):
            self.calling.pop(event.call, None)
        elif isinstance(event, StepStarted):
            self.began[event.step] = time.monotonic()
        self.shown.apply_all(to_wire([event]))
        await self.log.add(event)

    def cut_off(self) -> list[AnyEvent | dict[str, Any]]:
        """What the run's end has cut off: the model calls that are under way, and the steps that were open."""
        now = time.monotonic()
        last: list[AnyEvent | dict[str, Any]] = [
            StepFinished(step, round((now - self.began[step]) * 1000)) for step in sorted(self.shown.open)
        ]
        alone = len(self.calling) == 1
        last += [call.cut_off(self.shown, alone=alone) for call in self.calling.values()]
        self.shown.apply_all(to_wire(last))
        return last


class Executor:
    """The runs of one process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._summariser = Summariser()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._held: set[UUID] = set()
        self._cancellable: set[UUID] = set()
        self._cancelled_early: set[UUID] = set()
        self._abandoning = False

    @property
    def held(self) -> frozenset[UUID]:
        """Runs whose lease this process must renew: from the claim until their end is durable."""
        return frozenset(self._held)

    def start(self, run_id: UUID) -> None:
        if run_id not in self._tasks and not self._abandoning:
            task = asyncio.create_task(self._carry(run_id), name=f"run {run_id}")
            self._tasks[run_id] = task
            task.add_done_callback(lambda _: self._forget(run_id))

    def cancel(self, run_id: UUID) -> None:
        """Stop a run of this process at once: while it waits for a first token, and while a tool runs."""
        if run_id in self._cancellable:
            self._cancellable.discard(run_id)  # once: a second cancellation would hit the writing of the end
            self._tasks[run_id].cancel()
        elif run_id in self._tasks and run_id not in self._held:
            self._cancelled_early.add(run_id)  # it is being claimed

    async def drain(self, timeout_s: float) -> None:
        """Give runs this long to end by themselves; the others are left as they are, for whoever starts next."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout_s)
        self._abandoning = True
        left = [self._tasks[run_id] for run_id in self._cancellable]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._summariser.end()

    def _forget(self, run_id: UUID) -> None:
        del self._tasks[run_id]
        self._cancelled_early.discard(run_id)

    async def _carry(self, run_id: UUID) -> None:
        run = await in_db(services.claim_run, run_id)
        if run is None:
            return
        self._held.add(run_id)
        try:
            await self._carry_claimed(run)
        finally:
            if not self._abandoning:
                self._held.discard(run_id)

    async def _carry_claimed(self, run: Run) -> None:
        shown = Transcript()
        work = _Work(run, self._journal.open(run, shown.texts), shown)
        self._summariser.stop(run.conversation_id)
        self._cancellable.add(run.pk)
        try:
            ending = await self._drive(work)
        except asyncio.CancelledError:
            if self._abandoning:
                return
            ending = Ending(Run.State.CANCELLED, shown.answer, code="cancelled", detail="You stopped this answer.")
        except LostRun:
            return
        finally:
            self._cancellable.discard(run.pk)
        if await self._end(work, ending) and ending.state == Run.State.SUCCEEDED and not self._abandoning:
            self._summariser.start(run)

    async def _drive(self, work: _Work) -> Ending:
        """Run the agent, showing every event as it comes; whatever happens, this says how the run ends."""
        run = work.run
        try:
            if run.cancel_requested_at is not None or run.pk in self._cancelled_early:
                raise asyncio.CancelledError
            return await self._follow(work)
        except RunError as error:
            return _failed(work, error.code, error.detail, retryable=error.retryable)
        except (PromptError, ConfigurationError) as error:
            return _failed(work, "agent_not_ready", f"This agent can't be used as it is set up: {error}")
        except LostRun:
            raise
        except Exception:
            logger.exception("Run %s ended by an error of ours", run.pk)
            return _failed(work, "internal", INTERNAL, retryable=True)

    async def _follow(self, work: _Work) -> Ending:
        run = work.run
        agent, spec = await build.agent_from(run.trace.agent, run.trace.prompt_version)
        await work.log.add(started_event(run, agent.llm.name if agent.llm else ""))
        finished: Finished | None = None
        async with aclosing(_events_of(run, agent, spec)) as events:
            async for event in events:
                await work.take(event)
                if isinstance(event, Finished):
                    finished = event
        if finished is None:
            raise RuntimeError("the agent ended without an answer")
        return Ending(Run.State.SUCCEEDED, finished.answer or work.shown.answer, stop_reason=finished.stop_reason)

    async def _end(self, work: _Work, ending: Ending) -> bool:
        """Whether the end is durable, and the answer with it."""
        run, shown = work.run, work.shown
        try:
            last = work.cut_off()
            last.append(ending.event(run, shown))
            await work.log.close(last, lambda locked: services.end_run(locked, ending, shown))
            return True
        except LostRun:
            logger.warning("Run %s was taken over before its end could be written", run.pk)
        except Exception:
            logger.exception("The end of run %s can't be written; its lease runs out and it is taken care of", run.pk)
        return False


def started_event(run: Run, model: str) -> dict[str, Any]:
    agent, version = run.trace.agent, run.trace.prompt_version
    return {
        "type": "run.started",
        "message": str(run.answer_id),
        "agent": {"slug": agent["slug"], "name": agent["name"]},
        "prompt_version": str(version) if version else None,
        "model": model,
    }


def _sees_history(run: Run, spec: PromptSpec | ChainSpec) -> bool:
    if isinstance(spec, ChainSpec):
        return bool(spec.memory)
    return sees_history(run.trace.agent["agent_type"], spec)


async def _events_of(run: Run, agent: build.RuntimeAgent, spec: PromptSpec | ChainSpec) -> AsyncIterator[AnyEvent]:
    memory = await in_db(remembered, run)
    if memory.notice is not None and _sees_history(run, spec):
        yield memory.notice
    trimmed: set[Notice] = set()
    async with aclosing(agent.run({build.input_of(spec): memory.question}, memory.history)) as events:
        async for event in events:
            if isinstance(event, Notice) and event.code == TRIMMED:
                if event in trimmed:  # each step's call leaves out the same again
                    continue
                trimmed.add(event)
            yield event


def _failed(work: _Work, code: str, detail: str, *, retryable: bool = False) -> Ending:
    return Ending(Run.State.FAILED, work.shown.answer, code=code, detail=detail, retryable=retryable)
