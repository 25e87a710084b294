"""Programs in Monty, an interpreter of a subset of Python written in Rust: no files, network, processes or imports.

Its workers are processes of their own, with limits on time and memory inside and a deadline from outside that kills
them (tools.md §4.2). Threads wait for them: the library's own asyncio interface can abort a process that is ending.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from pydantic_monty import (
    CollectString,
    Monty,
    MontyCrashedError,
    MontyError,
    MontySyntaxError,
    ResourceLimits,
)

from agents.runtime.programs import Failure, ProgramResult, written

log = logging.getLogger(__name__)
SECONDS = 5.0
GRACE_S = 1.0
MEMORY = 128 * 1024 * 1024
PRINTED = 64 * 1024
SESSIONS = 4
LIMITS = ResourceLimits(
    max_feed_duration_secs=SECONDS, max_memory=MEMORY, max_recursion_depth=500, max_total_sleep_secs=1.0
)
BY_EXCEPTION: dict[type[BaseException], Failure] = {TimeoutError: "timeout", MemoryError: "memory"}
NO_VALUE = "it returned no number and no text"


class MontyInterpreter:
    """One pool of workers, for any event loop; it starts with the first program and ends with `aclose`.

    A program may take 5 seconds and 128 MB, and print 64 KB, which nobody reads. Four run at once, others wait.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._pool: Monty | None = None

    async def run(self, program: str) -> ProgramResult:
        """What the program's last expression gives. Each runs in a session of its own: nothing is left of it.

        Raises nothing: what a program does wrong, a limit that it reaches, and a sandbox that can't run are results. A
        cancelled caller doesn't wait; the program ends at its own limit.
        """
        try:
            value = await asyncio.get_running_loop().run_in_executor(self._started(), self._feed, program)
        except MontyError as error:
            return _failed(error)
        except (OSError, RuntimeError, TimeoutError):
            log.exception("Monty can't run a program")
            return ProgramResult(None, "unavailable", "programs can't be run at the moment")
        return _result_of(value)

    def _feed(self, program: str) -> Any:
        with self._changing:
            if self._pool is None:
                self._pool = Monty(max_processes=SESSIONS, request_timeout=SECONDS + 2 * GRACE_S)
                self._pool.__enter__()
            pool = self._pool
        with pool.checkout(limits=LIMITS) as session:
            return session.feed_run(program, print_callback=CollectString(max_bytes=PRINTED))

    def _started(self) -> ThreadPoolExecutor:
        with self._changing:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(SESSIONS, thread_name_prefix="monty")
            return self._threads

    async def aclose(self) -> None:
        """End the workers; programs that run are waited for, no longer than their limit."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(cancel_futures=True)
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)


def _result_of(value: Any) -> ProgramResult:
    text = written(value)
    return ProgramResult(None, "no_value", NO_VALUE) if text is None else ProgramResult(text)


def _failed(error: MontyError) -> ProgramResult:
    """What the model is told to do better; the interpreter's own words name what it can't do."""
    if isinstance(error, MontyCrashedError):
        return ProgramResult(None, "timeout", f"it took longer than {SECONDS:g} seconds")
    if isinstance(error, MontySyntaxError):
        return ProgramResult(None, "syntax", f"it isn't valid Python: {error}"[:300])
    failure = BY_EXCEPTION.get(type(error.exception()), "exception")
    if failure == "timeout":
        return ProgramResult(None, failure, f"it took longer than {SECONDS:g} seconds")
    if failure == "memory":
        return ProgramResult(None, failure, "it needed too much memory")
    if isinstance(error.exception(), NotImplementedError):  # it is a subset of Python, such as without yield
        return ProgramResult(None, failure, f"the interpreter doesn't know this part of Python: {error}"[:300])
    return ProgramResult(None, failure, str(error)[:300])
