"""Runs one tool: in time, with what it reports on the way, and never with an exception."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

from agents.runtime import orphans
from agents.runtime.events import AnyEvent
from agents.runtime.tools import Tool, ToolContext, ToolResult

log = logging.getLogger(__name__)
# A tool that ignores its cancellation is left behind after this.
GRACE_S = 1.0
TOO_MANY_LEFT = "{tool} is still busy with calls that did not end. Use another tool or answer without it."


class ToolRun:
    """One call of a tool. `events` gives what it reports while it runs; afterwards `result` is there."""

    def __init__(self, tool: Tool, given: Any, context: ToolContext, *, deadline: float) -> None:
        self.result = ToolResult("")
        self._tool = tool
        self._given = given
        self._context = context
        own = asyncio.get_running_loop().time() + tool.timeout_s
        self._deadline = min(deadline, own)
        self._ends_with_run = deadline < own
        self._reported: asyncio.Queue[AnyEvent | None] = asyncio.Queue()
        context.report = self._reported.put_nowait

    async def events(self) -> AsyncGenerator[AnyEvent]:
        if orphans.refuses(self._tool.name):
            self.result = ToolResult(TOO_MANY_LEFT.format(tool=self._tool.name), error="unavailable")
            return
        task = asyncio.ensure_future(self._tool.run(self._given, self._context))
        task.add_done_callback(lambda _: self._reported.put_nowait(None))
        try:
            while (event := await self._next()) is not None:
                yield event
            self.result = self._came_back(task)
        except TimeoutError:
            # One that raises this by itself wasn't ended by anybody's clock but its own.
            late = out_of_time if self._ends_with_run and not task.done() else timed_out
            self.result = late(self._tool)
            await self._end(task)
            while not self._reported.empty():  # what it reports of its end
                if (event := self._reported.get_nowait()) is not None:
                    yield event
        except Exception:
            log.exception("The tool %s failed.", self._tool.name)
            self.result = failed(self._tool)
        finally:
            await self._end(task)

    async def _next(self) -> AnyEvent | None:
        async with asyncio.timeout_at(self._deadline):
            return await self._reported.get()

    def _came_back(self, task: asyncio.Task[ToolResult]) -> ToolResult:
        """A tool may leak the cancellation of something in it (a task group, a session): that ends nobody's run."""
        if not task.cancelled():
            return task.result()
        log.error("The tool %s was cancelled from within.", self._tool.name)
        return failed(self._tool)

    async def _end(self, task: asyncio.Task[Any]) -> None:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE_S)
            orphans.leave(task, self._tool.name)


def failed(tool: Tool) -> ToolResult:
    return ToolResult(f"{tool.name} failed. Try another way.", error="internal")


def out_of_time(tool: Tool) -> ToolResult:
    return ToolResult(f"{tool.name} was stopped: the time for this run is over.", error="timeout")


def timed_out(tool: Tool) -> ToolResult:
    return ToolResult(f"{tool.name} did not answer within {tool.timeout_s:g} seconds.", error="timeout")
