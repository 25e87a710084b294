"""Summaries written in the background, after an answer has been delivered: they hold nothing up and fail quietly."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from agents import build
from agents.runtime.budget import LimitReached
from agents.runtime.errors import RunError
from agents.runtime.events import ModelCalled
from agents.runtime.memory.summarising import in_one_call, room_for_chat, summarise
from chat.history import Summarising, memory_of
from chat.models import Run
from chat.services import summaries
from config.db import in_db

# After one answer: a long chat that was never summarised is caught up with over several answers.
MOST_CALLS = 8
# Summaries of a conversation that give way to its next answer, one after another: then one is finished.
MOST_STOPS = 2

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Writing:
    """A task on its way for a conversation, and the run after which the next one is due."""

    task: asyncio.Task[None]
    holds_up: bool = False
    following: Run | None = None


class Summariser:
    """At most one at a time for each conversation. One that fails is tried again after the next answer."""

    def __init__(self) -> None:
        self._writing: dict[UUID, _Writing] = {}
        self._stopped: Counter[UUID] = Counter()

    def start(self, run: Run) -> None:
        """After the run's end is durable; where one is being written, when that is done."""
        if not isinstance(memory_of(run), Summarising):
            return
        if writing := self._writing.get(run.conversation_id):
            writing.following = run
            return
        task = asyncio.create_task(self._write(run), name=f"summary after run {run.pk}")
        self._writing[run.conversation_id] = _Writing(task)
        task.add_done_callback(lambda done: self._end_of(run.conversation_id, done))

    def stop(self, conversation_id: UUID) -> None:
        """The next answer goes first at the local model, which has room for one call; but not time after time."""
        writing = self._writing.get(conversation_id)
        if writing and writing.holds_up and self._stopped[conversation_id] < MOST_STOPS:
            self._stopped[conversation_id] += 1
            writing.holds_up = False  # once
            writing.task.cancel()

    async def end(self) -> None:
        tasks = [writing.task for writing in self._writing.values()]
        for writing in self._writing.values():
            writing.following = None
            writing.task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end_of(self, conversation_id: UUID, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._stopped.pop(conversation_id, None)
        if following := self._writing.pop(conversation_id).following:
            self.start(following)

    async def _write(self, run: Run) -> None:
        try:
            for _ in range(MOST_CALLS):
                due = await in_db(summaries.due_after, run)
                if due is None:
                    return
                self._writing[run.conversation_id].holds_up = await build.language_models.is_local(due.model)
                if not await _summarise(due):
                    return
        except (RunError, LimitReached) as error:
            logger.warning("No summary after run %s: %s", run.pk, error)
        except Exception:
            logger.exception("No summary after run %s", run.pk)


async def _summarise(due: summaries.Due) -> bool:
    """Fold as many turns as one call takes, and keep what came of it; whether anything did."""
    llm = await build.language_models.llm_for(due.model)
    due = due.first(in_one_call(due.messages, room_for_chat(llm, due.old)))
    calls: list[ModelCalled] = []
    try:
        text = await summarise(llm, old=due.old, messages=due.messages, told=calls.append)
    finally:
        for call in calls:
            await in_db(summaries.account_for, due, call)
    if text:
        await in_db(summaries.store_summary, due, text=text, model=llm.name)
    return bool(text)
