"""Work that could not be ended: a thread or a task that goes on after its tool was given up.

Its result is ignored, but it still uses the machine. So tools that leave such work behind are refused while there is
too much of it in this process.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

MOST = 4

Result = TypeVar("Result")
_left: dict[asyncio.Future[Any], str] = {}


def leave(work: asyncio.Future[Any], tool: str) -> None:
    """Count it until it ends by itself."""
    if not work.done():
        _left[work] = tool
        work.add_done_callback(_ended)


def refuses(tool: str) -> bool:
    """Whether a tool that can't be ended must not begin once more."""
    return len(_left) >= MOST and tool in _left.values()


async def in_thread(work: Callable[..., Result], *args: Any, tool: str) -> Result:
    """Blocking work beside the loop. A thread can't be cancelled: one that is given up is left, and counted."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        leave(running, tool)
        raise


def _ended(work: asyncio.Future[Any]) -> None:
    _left.pop(work, None)
    if not work.cancelled():
        work.exception()  # looked at, so that nobody warns about it
