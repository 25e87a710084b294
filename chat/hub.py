"""Who is watching what in this process, and the bounded queues that feed them.

A full queue drops: the receiver sees a gap in `seq` and reads the log instead. The database is the truth, so a slow
reader costs neither memory nor the others' time.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Published:
    """A frame that is durable. `text` is its wire form, encoded once for all watchers."""

    conversation_id: UUID
    run_id: UUID
    seq: int
    text: str
    events: tuple[dict[str, Any], ...]


class Outbox:
    """What waits for one watcher."""

    def __init__(self, size: int = 512) -> None:
        self._queue: asyncio.Queue[Published] = asyncio.Queue(size)
        self.dropped = 0

    def offer(self, frame: Published) -> None:
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.dropped += 1

    async def next(self) -> Published:
        return await self._queue.get()


class Hub:
    """Hands durable frames to the watchers of their conversation. Used from the server's loop only."""

    def __init__(self) -> None:
        self._watchers: defaultdict[UUID, set[Outbox]] = defaultdict(set)

    def join(self, conversation_id: UUID, outbox: Outbox) -> None:
        self._watchers[conversation_id].add(outbox)

    def leave(self, conversation_id: UUID, outbox: Outbox) -> None:
        watchers = self._watchers.get(conversation_id)
        if watchers is not None:
            watchers.discard(outbox)
            if not watchers:
                del self._watchers[conversation_id]

    def publish(self, frame: Published) -> None:
        for outbox in self._watchers.get(frame.conversation_id, ()):
            outbox.offer(frame)


hub = Hub()
