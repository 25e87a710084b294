"""One run of a chain: every step as soon as what it reads is there, side by side where nothing says otherwise."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agents.runtime.agents.early_end import fixed_answer, notice_of
from agents.runtime.budget import LimitReached
from agents.runtime.chains.last_word import last_word
from agents.runtime.chains.spec import DECIDED_BY, ChainSpec, ChainStep, Source
from agents.runtime.chains.spending import Spending
from agents.runtime.chains.stage import Stage
from agents.runtime.chains.step_run import StepRun, shown
from agents.runtime.chains.targets import StepTarget
from agents.runtime.events import AnyEvent, Finished, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, Usage
from agents.runtime.nesting import Nest
from agents.runtime.templates.base import written

AT_ONCE = 8  # steps of one chain
LAST_WORD = "Answer from what was found"


class ChainRun:
    """Steps as tasks that wait for one another's results. `outputs` keeps what each has given, by its key."""

    def __init__(
        self,
        spec: ChainSpec,
        targets: Mapping[str, StepTarget],
        inputs: Mapping[str, Any],
        history: Sequence[Message],
        limits: Limits,
        speaker: Callable[[], LLM | None],
    ) -> None:
        """`speaker` gives the model that has the last word at a limit, None where nothing can."""
        loop = asyncio.get_running_loop()
        self.spec = spec
        self.targets = targets
        self.inputs = inputs
        self.speaker = speaker
        self.outputs: dict[str, Any] = {}
        self._queue: asyncio.Queue[AnyEvent | None] = asyncio.Queue()
        self._stage = Stage(self._emit, Spending(limits), tuple(history))
        self._results: dict[str, asyncio.Future[Any]] = {step.id: loop.create_future() for step in spec.steps}
        # Whether an arm of a branch is chosen, and the step of the timeline that it stands in.
        self._chosen: dict[str, asyncio.Future[int | None]] = {arm: loop.create_future() for arm in spec.arms}
        self._givers = {step.id for step in spec.givers()}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._failure: Exception | None = None

    async def events(self) -> AsyncGenerator[AnyEvent]:
        work = asyncio.ensure_future(self._all())
        work.add_done_callback(lambda _: self._queue.put_nowait(None))
        try:
            while (event := await self._queue.get()) is not None:
                yield event
            work.result()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    def _emit(self, event: AnyEvent) -> None:
        self._queue.put_nowait(event)

    async def _all(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for step in self.spec.steps:
                    group.create_task(self._carry(step))
        except BaseExceptionGroup:
            if not isinstance(self._failure, LimitReached):
                raise self._failure or RuntimeError("a step failed without a reason") from None
            await self._end_early(self._failure.reason)
            return
        ended = self._stage.ended or Finished("", "finished", Usage())
        self._emit(replace(ended, answer=self._stage.answer, usage=self._stage.spending.used))

    async def _end_early(self, reason: StopReason) -> None:
        """At a limit: the answer as far as it had come, else one from what was found, or a sentence that says so."""
        stage, limits = self._stage, self._stage.spending.limits
        self._emit(Notice(reason, notice_of(reason, limits)))
        found = {self._title_of(key): text for key, value in self.outputs.items() if (text := shown(value))}
        if not stage.answer and found and limits.on_limit == "generate" and (llm := self.speaker()):
            await self._last_word(llm, found, limits)
        if not stage.answer:
            stage.whole("answer", fixed_answer(reason, limits, next(reversed(found.values()), "")), None)
        self._emit(Finished(stage.answer, reason, stage.spending.used))

    async def _last_word(self, llm: LLM, found: Mapping[str, str], limits: Limits) -> None:
        given = {name: text for name, value in self.inputs.items() if (text := shown(value))}
        with self._stage.titled(LAST_WORD) as number:
            nest = Nest(self._stage.number, number, answer_as=None)
            async with aclosing(last_word(llm, given, found, limits)) as events:
                async for event in events:
                    if isinstance(event, ModelCalled):
                        self._stage.spending.take(event)
                    self._stage.pass_on(nest, nest.events(event))

    def _title_of(self, key: str) -> str:
        return next((step.title for step in self.spec.steps if step.output == key), key)

    # --- one step

    async def _carry(self, step: ChainStep) -> None:
        """From the wait for what it reads to its result. The first failure is the chain's."""
        try:
            value = await self._value_of(step)
        except Exception as error:
            self._failure = self._failure or error
            raise
        self.outputs[step.output] = value
        self._results[step.id].set_result(value)

    async def _value_of(self, step: ChainStep) -> Any:
        parent = await self._chosen[step.id] if step.id in self._chosen else None
        if step.id in self._chosen and parent is None:
            self._choose(step, None, None)
            return None
        given = {name: await self._read(source) for name, source in step.sources.items()}
        if step.kind == "branch":
            return await self._branch(step, given[DECIDED_BY], parent)
        async with self._room:
            run = StepRun(self._stage, step, self.targets.get(step.id), answers=step.id in self._givers)
            return await run.value(given, parent=parent)

    async def _read(self, source: Source) -> Any:
        """A step sees its own inputs and nothing else; the results are shared with nobody who could change them."""
        if source.kind == "literal":
            return source.value
        if source.kind == "input":
            return self._stage.history if source.name == self.spec.memory else self.inputs.get(source.name)
        value = await self._results[source.name]
        if not source.field:
            return value
        return value.get(source.field) if isinstance(value, Mapping) else None

    # --- branches

    async def _branch(self, step: ChainStep, value: Any, parent: int | None) -> Any:
        label = written(value).strip().casefold() if value is not None else ""
        cases = {case.strip().casefold(): arm for case, arm in step.cases.items()}
        arm = cases.get(label, step.otherwise)
        chosen = self.spec.step(arm)
        with self._stage.titled(f"{step.title}: {chosen.title if chosen else arm}", parent) as number:
            self._choose(step, arm, number)
            return await self._results[arm]

    def _choose(self, step: ChainStep, arm: str | None, number: int | None) -> None:
        for other in step.arms:
            self._chosen[other].set_result(number if other == arm else None)
