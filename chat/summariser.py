"""Summaries written in the background, after an answer has been delivered: they hold nothing up and fail quietly."""

import asyncio
import logging
from uuid import UUID

from agents import build
from agents.runtime.errors import RunError
from agents.runtime.events import ModelCalled
from agents.runtime.loop import LimitReached
from agents.runtime.memory.summarising import in_one_call, room_for_chat, summarise
from chat.history import Summarising, memory_of
from chat.models import Run
from chat.services import summaries
from config.db import in_db

# After one answer: a long chat that was never summarised is caught up with over several answers.
MOST_CALLS = 8

logger = logging.getLogger(__name__)


class Summariser:
    """At most one at a time for each conversation. One that fails is tried again after the next answer."""

    def __init__(self) -> None:
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def start(self, run: Run) -> None:
        """After the run's end is durable."""
        if not isinstance(memory_of(run), Summarising):
            return
        task = asyncio.create_task(self._write(run), name=f"summary after run {run.pk}")
        self._tasks[run.conversation_id] = task
        task.add_done_callback(lambda done: self._forget(run.conversation_id, done))

    def stop(self, conversation_id: UUID) -> None:
        """The next answer goes first: a server with room for one call would keep it waiting."""
        if task := self._tasks.get(conversation_id):
            task.cancel()

    async def end(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, conversation_id: UUID, task: asyncio.Task[None]) -> None:
        if self._tasks.get(conversation_id) is task:
            del self._tasks[conversation_id]

    async def _write(self, run: Run) -> None:
        try:
            for _ in range(MOST_CALLS):
                due = await in_db(summaries.due_after, run)
                if due is None or not await _summarise(due):
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
