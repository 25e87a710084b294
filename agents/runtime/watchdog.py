"""A deadline for what is awaited again and again, such as the next piece of a stream.

`asyncio.timeout` sets and cancels a timer each time, which costs more than the rest of reading a token. This one sets
its timer once; a deadline that has moved by the time it rings is waited for anew.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Watchdog:
    """Ends a wait when the time has come, by the event loop's clock; None is no deadline. Close it when done.

    `expired` tells its own TimeoutError from one of what was awaited.
    """

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.expired = False
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Task[object] | None = None
        self._rang = False
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """The awaited value. Raises TimeoutError at the deadline; a cancellation from outside stays one."""
        task = asyncio.current_task()
        assert task is not None
        before = task.cancelling()
        self._waiting, self._rang = task, False
        if self._timer is None and self.deadline is not None:
            self._timer = self._loop.call_at(self.deadline, self._ring)
        try:
            return await awaitable
        except asyncio.CancelledError:
            if self._rang and task.uncancel() <= before:
                self.expired = True
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        if self.deadline is None or self._waiting is None:
            return  # the next wait sets the timer again
        if self._loop.time() < self.deadline:
            self._timer = self._loop.call_at(self.deadline, self._ring)
            return
        self._rang = True
        self._waiting.cancel()
