"""Starting and stopping runs where they are carried out. Safe from any thread.

The server attaches its executor; where none is attached (a management command) the rows say it all, and the server
finds queued runs within a second.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from channels.layers import get_channel_layer


class Executor(Protocol):
    def start(self, run_id: UUID) -> None: ...

    def cancel(self, run_id: UUID) -> None: ...


@dataclass(frozen=True)
class _Attached:
    loop: asyncio.AbstractEventLoop
    executor: Executor


_attached: _Attached | None = None
_notices: set[asyncio.Task[None]] = set()


def attach(executor: Executor) -> None:
    """Carry out runs on the running loop from now on."""
    global _attached
    _attached = _Attached(asyncio.get_running_loop(), executor)


def detach() -> None:
    global _attached
    _attached = None


def launch(run_id: UUID) -> None:
    if _attached is not None:
        _attached.loop.call_soon_threadsafe(_attached.executor.start, run_id)


def cancel(run_id: UUID) -> None:
    if _attached is not None:
        _attached.loop.call_soon_threadsafe(_attached.executor.cancel, run_id)


def tell(user_id: int, message: dict[str, Any]) -> None:
    """Send a side-bar message to every tab of a user."""
    if _attached is not None:
        _attached.loop.call_soon_threadsafe(_send, user_id, message)


def group_of(user_id: int) -> str:
    return f"user-{user_id}"


def _send(user_id: int, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    task = asyncio.ensure_future(layer.group_send(group_of(user_id), {"type": "sidebar", "message": message}))
    _notices.add(task)
    task.add_done_callback(_notices.discard)
