"""One call of a tool: in time, and never with an exception."""

import asyncio
import threading

import pytest

from agents.runtime import orphans, tool_calls
from agents.runtime.budget import now
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import ToolContext, ToolResult
from tests.agents.runtime.fakes import FakeTool, HangingTool


async def call(tool, given="x", *, left_s=5):
    run = ToolRun(tool, given, ToolContext(ScriptedLLM("unused"), 1, lambda _: None), deadline=now() + left_s)
    async for _ in run.events():
        pass
    return run.result


class Stubborn(FakeTool):
    """Pays no attention to being cancelled, until it is let go."""

    def __init__(self, name, release):
        super().__init__(name, timeout_s=0.01)
        self.release = release

    async def run(self, input, context):
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                continue
        return ToolResult("late")


class Threaded(FakeTool):
    """Works in a thread, which nobody can end."""

    def __init__(self, name, release):
        super().__init__(name, timeout_s=0.01)
        self.release = release

    async def run(self, input, context):
        return ToolResult(str(await orphans.in_thread(self.release.wait, 5, tool=self.name)))


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(tool_calls, "GRACE_S", 0.01)


@pytest.mark.parametrize(("kind", "event"), [(Stubborn, asyncio.Event), (Threaded, threading.Event)])
async def test_a_tool_that_cannot_be_ended_is_left_and_refused_when_too_many_go_on(kind, event, impatient):
    release = event()
    tool = kind("Slow", release)
    try:
        results = [await call(tool) for _ in range(orphans.MOST)]
        assert {result.error for result in results} == {"timeout"}
        assert not orphans.refuses("Other")

        refused = await call(tool)
        assert refused.error == "unavailable"
        assert refused.text.startswith("Slow is still busy with calls that did not end.")
        assert (await call(FakeTool("Other"))).error is None
    finally:
        release.set()
    async with asyncio.timeout(5):
        while orphans.refuses("Slow"):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("timeout_s", "left_s", "told"),
    [
        (0.01, 5, "Search did not answer within 0.01 seconds."),
        (30, 0.01, "Search was stopped: the time for this run is over."),
    ],
)
async def test_a_tool_that_is_ended_is_told_whose_time_was_over(timeout_s, left_s, told):
    assert await call(HangingTool(timeout_s=timeout_s), left_s=left_s) == ToolResult(told, "timeout")


async def test_a_tool_that_gives_up_by_itself_took_none_of_the_runs_time():
    def give_up(_):
        raise TimeoutError

    result = await call(FakeTool(answer=give_up, timeout_s=30), left_s=5)

    assert result == ToolResult("Search did not answer within 30 seconds.", "timeout")


async def test_a_tool_that_is_cancelled_from_within_has_failed(caplog):
    def leak(_):
        raise asyncio.CancelledError

    assert await call(FakeTool(answer=leak)) == ToolResult("Search failed. Try another way.", "internal")
    assert "The tool Search was cancelled from within." in caplog.text


async def test_work_in_a_thread_that_ends_in_time_leaves_nothing():
    assert await orphans.in_thread(sum, [1, 2], tool="Sum") == 3
    with pytest.raises(TypeError):
        await orphans.in_thread(sum, [1, "2"], tool="Sum")
