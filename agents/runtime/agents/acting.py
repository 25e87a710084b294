"""Actions of one run: each is called once, answered from what is known the second time, and refused the third."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from copy import deepcopy
from typing import Any

from agents.runtime.agents.dialect import Dialect
from agents.runtime.agents.tool_state import Before
from agents.runtime.budget import Budget, LimitReached, now
from agents.runtime.events import AnyEvent, ModelCalled, ToolCalled, ToolFinished
from agents.runtime.llm import LLM
from agents.runtime.observations import neutral
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.results import Action
from agents.runtime.repetition import REFUSAL, Repetition, Verdict
from agents.runtime.steps import Timeline
from agents.runtime.text import clean, cleaned
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import Tool, ToolContext, ToolResult

NO_OUTPUT = "(no output)"


class Acting:
    """What the run's tools are given and gave. `observed` is what the model is told of the last call.

    `output` is what was found last, and `error` whether the last call failed.
    """

    def __init__(
        self, llm: LLM, tools: Mapping[str, Tool], dialect: Dialect, budget: Budget, timeline: Timeline
    ) -> None:
        self.observed = ""
        self.output = ""
        self.error: str | None = None
        self._llm = llm
        self._tools = tools
        self._dialect = dialect
        self._budget = budget
        self._timeline = timeline
        self._repetition = Repetition()
        self._state: dict[str, Any] = {}
        self._calls = 0

    @property
    def keeps_failing(self) -> bool:
        return self._repetition.keeps_failing

    async def events(self, action: Action) -> AsyncGenerator[AnyEvent]:
        """Raises LimitReached when the run goes in circles."""
        tool, given = self._tools[action.tool], cleaned(action.input)
        self._repetition.begin_turn()
        verdict: Verdict = "run" if tool.volatile else self._repetition.judge(tool.name, given)
        self._calls += 1
        step, call, began = self._timeline.last, f"call-{self._calls}", now()
        yield ToolCalled(step, call, tool.name, given)
        if verdict == "run":
            async with aclosing(self._run(tool, given)) as events:
                async for event in events:
                    yield event
        else:
            self._recall(tool, given, verdict)
        yield ToolFinished(call, self.observed, self.error, round((now() - began) * 1000))
        for closing in (
            *self._timeline.close(as_text(given)),
            *self._timeline.whole("observation", self.observed, step),
        ):
            yield closing
        if verdict == "stop":
            raise LimitReached("loop")

    async def _run(self, tool: Tool, given: Any) -> AsyncGenerator[AnyEvent]:
        before = Before(self._state)
        timeline, budget = self._timeline, self._budget
        context = ToolContext(self._llm, timeline.last, lambda _: None, self._state, timeline.number, budget)
        run = ToolRun(tool, given, context, deadline=self._budget.deadline)
        async with aclosing(run.events()) as events:
            async for event in events:
                if isinstance(event, ModelCalled):  # a tool may ask the model too: the same budget pays for it
                    self._budget.add(event)
                yield event
        self._remember(tool, given, run.result, before.set_until(self._state))

    def _remember(self, tool: Tool, given: Any, result: ToolResult, changed: Mapping[str, Any]) -> None:
        text = neutral(result.text, most=tool.max_output, labels=self._dialect.grammar.labels)
        output, self.error = clean(text) or NO_OUTPUT, result.error
        if result.error is None:
            self.output = output
        told = self._dialect.told(output, result.error)
        hint = self._repetition.remember(tool.name, given, told, error=result.error, changed=changed)
        self.observed = "\n".join(part for part in (told, hint, self._dialect.advice()) if part)

    def _recall(self, tool: Tool, given: Any, verdict: Verdict) -> None:
        """The result from before, with what the call had done to the run's state: a page found again is open again."""
        self.error = None
        if verdict == "stop":
            self.observed = REFUSAL
            return
        known = self._repetition.known(tool.name, given)
        self._state.update(deepcopy(dict(known.changed)))
        self.output, self.observed = known.output, known.told_again
