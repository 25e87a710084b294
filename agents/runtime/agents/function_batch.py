"""The calls of one turn: side by side where they only read, one after another where they may change something.

Each has a time limit of its own, a failure ends none of the others, and people see each as it finishes. The model gets
all results together, in the order of its calls (agents.md B.10, parallel calls).
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from agents.runtime.agents.function_calls import Ready
from agents.runtime.agents.function_specs import is_read_only
from agents.runtime.agents.tool_state import Before
from agents.runtime.budget import Budget, LimitReached, now
from agents.runtime.events import AnyEvent, Event, ModelCalled, ToolCalled, ToolFinished
from agents.runtime.llm import LLM
from agents.runtime.observations import neutral
from agents.runtime.parsing.inputs import as_text
from agents.runtime.repetition import REFUSAL, Repetition, Verdict, key_of
from agents.runtime.steps import Timeline
from agents.runtime.text import clean
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import ToolContext, ToolResult

AT_ONCE = 4
NO_OUTPUT = "(no output)"


@dataclass(slots=True)
class _Job:
    """One call of a tool, with the step that shows it and the id under which its events go."""

    ready: Ready
    step: int
    call: str
    verdict: Verdict
    began: float = 0.0
    result: ToolResult | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)


class Calling:
    """All calls of one run.

    `told` is what the model gets for this turn's, by their ids; `observation` is what was found last.
    `direct` names the tools whose result is the answer; `answer` is the first of those that came without an error.
    """

    def __init__(self, llm: LLM, budget: Budget, timeline: Timeline, direct: frozenset[str]) -> None:
        self.told: dict[str, str] = {}
        self.observation = ""
        self.answer = ""
        self._llm = llm
        self._budget = budget
        self._timeline = timeline
        self._direct = direct
        self._repetition = Repetition()
        self._state: dict[str, Any] = {}
        self._calls = 0

    @property
    def keeps_failing(self) -> bool:
        return self._repetition.keeps_failing

    async def events(self, turn: Sequence[Ready], steps: Mapping[str, int]) -> AsyncGenerator[AnyEvent]:
        """`steps` are the open steps of the calls, by call id. Raises LimitReached when the run goes in circles."""
        self.told.clear()
        self._repetition.begin_turn()
        for group in groups(turn):
            jobs = [self._job(ready, steps[ready.call.id]) for ready in group]
            stopped = [job for job in jobs if job.verdict == "stop"]
            async with aclosing(self._side_by_side(stopped or jobs)) as events:
                async for event in events:
                    yield event
            if stopped:
                raise LimitReached("loop")

    def _job(self, ready: Ready, step: int) -> _Job:
        self._calls += 1
        judged: Verdict = "run" if ready.tool.volatile else self._repetition.judge(ready.tool.name, ready.given)
        return _Job(ready, step, f"call-{self._calls}", judged)

    async def _side_by_side(self, jobs: Sequence[_Job]) -> AsyncGenerator[AnyEvent]:
        happened: asyncio.Queue[AnyEvent | _Job] = asyncio.Queue()
        places = asyncio.Semaphore(AT_ONCE)
        tasks = [asyncio.ensure_future(self._work(job, places, happened)) for job in jobs]
        try:
            left = len(jobs)
            while left:
                event = await happened.get()
                if isinstance(event, _Job):
                    left -= 1
                    for last in self._finish(event):
                        yield last
                    continue
                if isinstance(event, ModelCalled):  # a tool may ask the model too: the same budget pays for it
                    self._budget.add(event)
                yield event
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, job: _Job, places: asyncio.Semaphore, happened: "asyncio.Queue[AnyEvent | _Job]") -> None:
        try:
            async with places:
                job.began = now()
                happened.put_nowait(ToolCalled(job.step, job.call, job.ready.tool.name, job.ready.given))
                if job.verdict == "run":
                    async with aclosing(self._run(job)) as events:
                        async for event in events:
                            happened.put_nowait(event)
        finally:
            happened.put_nowait(job)

    async def _run(self, job: _Job) -> AsyncGenerator[AnyEvent]:
        before = Before(self._state)
        context = ToolContext(self._llm, job.step, lambda _: None, self._state, self._timeline.number, self._budget)
        run = ToolRun(job.ready.tool, job.ready.given, context, deadline=self._budget.deadline)
        async with aclosing(run.events()) as events:
            async for event in events:
                yield event
        job.result = run.result
        job.changed = before.set_until(self._state)

    # --- a result

    def _finish(self, job: _Job) -> Iterator[Event]:
        """The step of the call ends, and its result stands beneath it, while others may still run."""
        output, error = self._not_run(job) if job.result is None else self._remembered(job, job.result)
        self.told[job.ready.call.id] = output
        yield ToolFinished(job.call, output, error, round((now() - job.began) * 1000))
        yield from self._timeline.close(as_text(job.ready.given), step=job.step)
        yield from self._timeline.whole("observation", output, job.step, beside=True)

    def _remembered(self, job: _Job, result: ToolResult) -> tuple[str, str | None]:
        tool, given = job.ready.tool, job.ready.given
        output = clean(neutral(result.text, most=tool.max_output)) or NO_OUTPUT
        if result.error is None:
            self.observation = output
            if tool.name in self._direct:
                self.answer = self.answer or output
        hint = self._repetition.remember(tool.name, given, output, error=result.error, changed=job.changed)
        return f"{output} {hint}".strip(), result.error

    def _not_run(self, job: _Job) -> tuple[str, str | None]:
        """The result from before, with what the call had done to the run's state: a page found again is open again."""
        if job.verdict == "stop":
            return REFUSAL, None
        known = self._repetition.known(job.ready.tool.name, job.ready.given)
        self._state.update(deepcopy(dict(known.changed)))
        return known.told_again, known.error


def groups(turn: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Neighbours that only read, and differ, run together. The order of all else stays as the model gave it."""
    group: list[Ready] = []
    keys: set[Any] = set()
    for ready in turn:
        key = key_of(ready.tool.name, ready.given)
        alone = not is_read_only(ready.tool)
        if group and (alone or key in keys):
            yield group
            group, keys = [], set()
        if alone:
            yield [ready]
        else:
            group.append(ready)
            keys.add(key)
    if group:
        yield group
