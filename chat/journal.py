"""The log of every run: durable before visible.

Group commit, paced by itself: the events of all active runs that came in while the last commit went on are written in
one transaction by one thread with its own connection, then handed to the hub, and so on. Under light load a frame
holds a token or two; under heavy load it holds more. The first token of a run goes out at once.

Every commit locks its runs and compares their `attempt` with the one that the writer claimed: a process that was
thought dead can't write into a run that was taken over.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from agents.runtime.events import AnyEvent, Finished, ModelCalling
from agents.services import traces
from chat.hub import Hub, Published
from chat.models import Frame, Run
from chat.protocol import encode

logger = logging.getLogger(__name__)

PACE_S = 0.02  # least time between two commits: a frame per token at reading speed would cost three times the CPU
RETRY_DELAYS_S = (0.1, 0.3, 1, 3)  # a locked or full database gets this long to recover
MAX_PENDING = 4000  # events of one run that may wait for the disk before its model is read no further

FOR_US = (Finished, ModelCalling)  # events that say something to the executor or the trace, not to browsers

Wire = dict[str, Any]


class LostRun(Exception):
    """The run was taken over or ended by another process: stop working on it, write nothing more."""


@dataclass(slots=True, eq=False)
class RunLog:
    """One run's way into the journal, held by the executor that claimed it."""

    journal: "Journal"
    run_id: UUID
    conversation_id: UUID
    trace_id: UUID
    attempt: int
    texts: Mapping[int, str]
    pending: list[AnyEvent | Wire] = field(default_factory=list)
    ending: Callable[[Run], None] | None = None
    added: int = 0
    written: int = 0
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    async def add(self, event: AnyEvent | Wire) -> None:
        """Queue an event; returns at once unless the disk is far behind. Raises what made an earlier commit fail."""
        if self.error is not None:
            raise self.error
        self.pending.append(event)
        self.added += 1
        self.journal.wake(self)
        while self.added - self.written > MAX_PENDING and self.error is None:
            await self._next_commit()

    async def close(self, last: Sequence[AnyEvent | Wire], ending: Callable[[Run], None]) -> None:
        """Write the last events and, in the same transaction, the run's end. Returns when all is durable.

        When something before the end can't be written, the end still must be, or the run would look alive for ever:
        then the last events are written alone, and at worst only the very last.
        """
        self.ending = ending
        try:
            await self._write_out(last)
        except LostRun:
            raise
        except Exception:
            try:
                await self._write_out(last, alone=True)
            except LostRun:
                raise
            except Exception:
                await self._write_out(last[-1:], alone=True)

    async def _write_out(self, events: Sequence[AnyEvent | Wire], *, alone: bool = False) -> None:
        if alone:
            self.error, self.pending, self.added = None, [], self.written
        if self.error is not None:
            raise self.error
        self.pending += events
        self.added += len(events)
        self.journal.wake(self)
        while self.written < self.added and self.error is None:
            await self._next_commit()
        if self.error is not None:
            raise self.error

    def passed(self, count: int) -> None:
        """So many events have left the queue, whether they could be written or not."""
        self.written += count
        self.committed.set()

    async def _next_commit(self) -> None:
        self.committed.clear()
        await self.committed.wait()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one commit takes from one run."""

    log: RunLog
    events: Sequence[AnyEvent | Wire]
    ending: Callable[[Run], None] | None


class Journal:
    """The group commit of one process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._dirty: set[RunLog] = set()
        self._awake = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "journal")

    def open(self, run: Run, texts: Mapping[int, str]) -> RunLog:
        """The log of a claimed run. `texts` are its steps' texts as they grow, kept by the caller."""
        return RunLog(self, run.pk, run.conversation_id, run.trace_id, run.attempt, texts)

    def wake(self, log: RunLog) -> None:
        self._dirty.add(log)
        self._awake.set()

    async def pump(self) -> None:
        """The loop of the group commit: runs until cancelled, then writes what is left."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._awake.wait()
                self._awake.clear()
                started = loop.time()
                await asyncio.shield(self._flush())
                await asyncio.sleep(max(0, PACE_S - (loop.time() - started)))
        finally:
            while self._dirty:
                await self._flush()
            # In a lambda: the name stands for another connection in every thread.
            await loop.run_in_executor(self._writer, lambda: connection.close())
            self._writer.shutdown(wait=False)

    async def _flush(self) -> None:
        batches = self._take_pending()
        loop = asyncio.get_running_loop()
        try:
            published, lost = await loop.run_in_executor(self._writer, commit, batches)
        except Exception as error:
            logger.exception("The journal can't be written")
            published, lost = [], {batch.log: error for batch in batches}
        for log, error in lost.items():
            log.error = error
        for frame in published:
            self._hub.publish(frame)
        for batch in batches:
            batch.log.passed(len(batch.events))

    def _take_pending(self) -> list[_Batch]:
        """What waits. What came in behind something that couldn't be written is dropped: a log has no holes."""
        batches = []
        for log in self._dirty:
            events, log.pending = log.pending, []
            if log.error is not None:
                log.passed(len(events))
            elif events:
                batches.append(_Batch(log, events, log.ending))
        self._dirty.clear()
        return batches


Committed = tuple[list[Published], dict[RunLog, Exception]]


def commit(batches: Sequence[_Batch]) -> Committed:
    """One transaction for all. What can't be written costs only the run that it belongs to."""
    try:
        return _commit_patiently(batches)
    except Exception:
        if len(batches) == 1:
            raise
        logger.exception("A commit failed; each run is written by itself")
    published: list[Published] = []
    lost: dict[RunLog, Exception] = {}
    for batch in batches:
        try:
            done, gone = _commit_patiently([batch])
        except Exception as error:
            logger.exception("Run %s can't be written", batch.log.run_id)
            lost[batch.log] = error
        else:
            published += done
            lost |= gone
    return published, lost


def _commit_patiently(batches: Sequence[_Batch]) -> Committed:
    """Tried again while the database is locked, full or away."""
    for delay in RETRY_DELAYS_S:
        try:
            return _commit_once(batches)
        except OperationalError:
            logger.warning("The journal's database didn't answer; trying again in %s s", delay)
            connection.close()
            time.sleep(delay)
    return _commit_once(batches)


def _commit_once(batches: Sequence[_Batch]) -> Committed:
    published: list[Published] = []
    lost: dict[RunLog, Exception] = {}
    with transaction.atomic():
        runs = lock_runs(batch.log.run_id for batch in batches)
        for batch in batches:
            run = runs.get(batch.log.run_id)
            if run is None or run.attempt != batch.log.attempt or run.state != Run.State.RUNNING:
                lost[batch.log] = LostRun(f"run {batch.log.run_id} is no longer ours")
                continue
            events = [event for event in batch.events if not isinstance(event, dict)]
            traces.record(batch.log.trace_id, events, texts=batch.log.texts)
            if wires := to_wire(batch.events):
                published.append(append_frame(run, wires))
            if batch.ending is not None:
                batch.ending(run)
    return published, lost


def lock_runs(ids: Iterable[UUID]) -> dict[UUID, Run]:
    """Lock in id order, so that two writers can't wait for each other."""
    return {run.pk: run for run in Run.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk")}


def append_frame(run: Run, events: Sequence[Wire]) -> Published:
    """Add a frame to a locked run's log. Inside a transaction; publish what is returned only after commit."""
    run.last_seq += 1
    text = encode({"type": "frame", "run": str(run.pk), "seq": run.last_seq, "events": list(events)})
    Frame.objects.create(run=run, seq=run.last_seq, events=encode(list(events)))
    Run.objects.filter(pk=run.pk).update(last_seq=run.last_seq)
    return Published(run.conversation_id, run.pk, run.last_seq, text, tuple(events))


def to_wire(events: Iterable[AnyEvent | Wire]) -> list[Wire]:
    """Events as they travel; neighbouring pieces of one step's text become one."""
    wires: list[Wire] = []
    for event in events:
        if isinstance(event, FOR_US):
            continue
        wire = event if isinstance(event, dict) else event.to_wire()
        last = wires[-1] if wires else None
        if last and wire["type"] == last["type"] == "text.delta" and wire["step"] == last["step"]:
            last["text"] += wire["text"]
        else:
            wires.append(dict(wire))
    return wires
