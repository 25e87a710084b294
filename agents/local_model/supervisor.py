"""Keeping the local model served: its file fetched, its process started, restarted and ended, its address known.

The child is a process of its own because the library serves as long as its object lives, holds the interpreter's lock
while it loads, and could take a whole server down with it.
"""

import asyncio
import logging
import os
import secrets
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agents.local_model import status as status_file
from agents.local_model.errors import LocalModelError, Stopped
from agents.local_model.process import CHILD, POLL_S, Process
from agents.local_model.progress import Console
from agents.local_model.status import Address, Status
from agents.local_model.weights import find_or_fetch

logger = logging.getLogger(__name__)

NAME = "qwen2.5-coder-1.5b-instruct"
CONTEXT = 8192
SLOTS = 2
LONGEST_WAIT_S = 30.0
STEADY_S = 60.0
"""A child that ran this long had started well: the next one is started at once again."""

_own: dict[Path, "LocalModel"] = {}
"""Models that this process started for itself, by DATA_DIR: a command that has no server beside it."""


class LocalModel:
    """The local model of one process, for as long as `serve` runs."""

    def __init__(
        self,
        data_dir: Path,
        *,
        path: Path | None = None,
        publish: bool = True,
        fetch: Callable[..., Path] = find_or_fetch,
        child: Sequence[str] = CHILD,
        first_wait_s: float = 1.0,
    ) -> None:
        self.data_dir = data_dir
        self.path = path
        self.publish = publish
        self.fetch = fetch
        self.child = child
        self.first_wait_s = first_wait_s
        self.status = Status("loading", "The local model is starting.", NAME, owner=os.getpid())
        self._changed = asyncio.Event()
        self._process: Process | None = None

    async def serve(self, stopping: asyncio.Event) -> None:
        """Fetch, start, restart, until `stopping` is set or the task is cancelled. A failing model raises nothing."""
        try:
            self._say("loading", "The local model is starting.")
            path = await self._weights(stopping)
            await self._keep_running(path, stopping)
        except Stopped:
            pass
        except LocalModelError as error:
            logger.error("%s", error)
            self._say("failed", str(error))
            await stopping.wait()
        finally:
            self._end()
            if self.publish:
                status_file.remove(self.data_dir)

    async def settled(self) -> Address:
        """The address once there is one; LocalModelError when there won't be."""
        while self.status.state == "loading":
            self._changed.clear()
            await self._changed.wait()
        if self.status.address is None:
            raise LocalModelError(self.status.detail)
        return self.status.address

    async def _weights(self, stopping: asyncio.Event) -> Path:
        loop, console, stop = asyncio.get_running_loop(), Console(), threading.Event()
        found: asyncio.Future[Path] = loop.create_future()
        shown = -1

        def on_loop(what: Callable[..., None], *args: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(lambda: None if stop.is_set() else what(*args))

        def show(percent: int) -> None:
            detail = f"The local model is still loading ({percent} %)."
            if detail != self.status.detail:
                self._say("loading", detail)

        def report(what: str, done: int, total: int) -> None:
            nonlocal shown
            console(what, done, total)
            if (percent := done * 100 // total) != shown:
                shown = percent
                on_loop(show, percent)

        def work() -> None:
            try:
                path = self.fetch(self.path, spare=self.data_dir / "models", report=report, stop=stop)
            except Exception as error:
                on_loop(found.set_exception, error)
            else:
                on_loop(found.set_result, path)

        # A thread of our own: one of the loop's pool would hold up the end of the process while a connection hangs.
        thread = threading.Thread(target=work, name="local-model-file", daemon=True)
        thread.start()
        try:
            await _first(found, stopping.wait())
            if not found.done() or found.cancelled():
                raise Stopped("the server ends")
            return found.result()
        finally:
            stop.set()
            thread.join(2)

    async def _keep_running(self, path: Path, stopping: asyncio.Event) -> None:
        wait_s = self.first_wait_s
        while not stopping.is_set():
            began = time.monotonic()
            self._say("loading", "The local model is still loading.")
            await _first(self._run_once(path), stopping.wait())
            self._end()
            if stopping.is_set():
                return
            if time.monotonic() - began > STEADY_S:
                wait_s = self.first_wait_s
            detail = f"The local model stopped and starts again in {wait_s:.0f} s."
            logger.warning("%s Its log: %s", detail, self._log)
            self._say("failed", detail)
            await _first(asyncio.sleep(wait_s), stopping.wait())
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def _run_once(self, path: Path) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = secrets.token_urlsafe(32)
        wanted = {
            "path": str(path),
            "name": NAME,
            "key": key,
            "context": CONTEXT,
            "slots": SLOTS,
            "threads": len(os.sched_getaffinity(0)),
            "log": str(self._log),
        }
        self._process = process = Process(self.child, wanted)
        if not (address := await process.address()):
            return
        here = Address(f"{address}/v1", key, NAME)
        while not await asyncio.to_thread(_answers, here):
            if not process.alive:
                return
            await asyncio.sleep(0.1)
        self._say("ready", "The local model is ready.", here, process.pid)
        await process.gone()

    @property
    def _log(self) -> Path:
        return self.data_dir / "run" / "local-model.log"

    def _end(self) -> None:
        if self._process:
            self._process.end()
            self._process = None

    def _say(self, state: Any, detail: str, address: Address | None = None, pid: int | None = None) -> None:
        self.status = Status(
            state,
            detail,
            NAME,
            base_url=address.base_url if address else "",
            api_key=address.api_key if address else "",
            pid=pid,
            owner=os.getpid(),
        )
        self._changed.set()
        if self.publish:
            status_file.write(self.data_dir, self.status)


def read_status(data_dir: Path) -> Status | None:
    """What the local model of this installation is doing; None when nobody serves one."""
    own = _own.get(data_dir)
    return own.status if own else status_file.read(data_dir)


def reach(status: Status | None) -> Address | None:
    """Where the local model listens, if it does. One of another process is asked, which takes a few milliseconds."""
    if status is None or status.address is None:
        return None
    return status.address if status.owner == os.getpid() or _answers(status.address) else None


def describe(status: Status | None) -> str:
    """Why `reach` gave nothing, as a sentence for the person who waits for an answer."""
    if status is None or status.state == "ready":
        return "The local model isn't running. Start Parley with its local model, or set OPENAI_BASE_URL."
    return f"{status.detail} Try again in a moment." if status.state == "loading" else status.detail


async def find_address(data_dir: Path, *, wait_s: float) -> Address:
    """Where the local model listens. One that is loading is waited for; LocalModelError says why there is none."""
    deadline = time.monotonic() + wait_s
    while True:
        status = read_status(data_dir)  # read once a turn: it may be ready a moment after it was still loading
        if address := await asyncio.to_thread(reach, status):
            return address
        if status is None or status.state != "loading" or time.monotonic() > deadline:
            raise LocalModelError(describe(status))
        await asyncio.sleep(POLL_S)


@asynccontextmanager
async def borrowed(data_dir: Path, **options: Any) -> AsyncIterator[Address]:
    """For commands: the running server's model, else one of our own while the block runs (`find_address` knows it).

    A server that is still loading is waited for. Raises LocalModelError when there is no model to be had.
    """
    while (status := status_file.read(data_dir)) and status.state == "loading":  # noqa: ASYNC110 (another process's)
        await asyncio.sleep(0.5)
    if address := await asyncio.to_thread(reach, status):
        yield address
        return
    own, stopping = LocalModel(data_dir, publish=False, **options), asyncio.Event()
    _own[data_dir] = own
    task = asyncio.create_task(own.serve(stopping))
    try:
        yield await own.settled()
    finally:
        stopping.set()
        await task
        del _own[data_dir]


def _answers(address: Address) -> bool:
    """Whether a server that knows our key listens there."""
    request = urllib.request.Request(  # noqa: S310 (our own loopback address)
        f"{address.base_url}/models", headers={"Authorization": f"Bearer {address.api_key}"}
    )
    try:
        with _direct.open(request, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def _first(*things: Any) -> None:
    """Wait for whichever ends first and cancel the others."""
    tasks = [asyncio.ensure_future(thing) for thing in things]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
