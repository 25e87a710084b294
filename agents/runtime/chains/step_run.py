"""One step of a chain: run once, or once for each item of a list; tried again, skipped or replaced as it says."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from agents.runtime.chains.spec import HISTORY, ChainStep
from agents.runtime.chains.stage import Stage
from agents.runtime.chains.targets import StepTarget
from agents.runtime.chains.transforms import TRANSFORMS
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import Finished, Notice
from agents.runtime.loop import LimitReached
from agents.runtime.nesting import Nest
from agents.runtime.templates.base import written
from agents.runtime.text import first_line

MOST_ITEMS = 100
ITEM_SHOWN = 60
BOUNDS = {"token_budget": "max_total_tokens", "cost_budget": "max_cost"}


class StepRun:
    """`answers`: what it gives is the chain's answer, and is streamed as such where it comes from one model."""

    def __init__(self, stage: Stage, step: ChainStep, target: StepTarget | None, *, answers: bool) -> None:
        self.stage = stage
        self.step = step
        self.target = target
        self.answers = answers
        # The try whose text stands as the chain's answer.
        self._answering: Nest | None = None

    async def value(self, inputs: Mapping[str, Any], *, parent: int | None) -> Any:
        """What the step gives. Raises RunError with the step named, or LimitReached."""
        self.stage.spending.check()
        with self.stage.titled(self._title(), parent) as number:
            try:
                return await self._given(inputs, number)
            except (RunError, PromptError, ConfigurationError) as error:
                failure = _failure(error)
                if self.step.on_error == "fail":
                    detail = f"The step “{self.step.title}” failed: {failure.detail}"
                    raise RunError(failure.code, detail, retryable=failure.retryable) from error
                return self._instead(failure, number)

    def _title(self) -> str:
        shown_whole = self.answers and (self.step.each or self.target is None)
        return f"{self.step.title} (shown when it is complete)" if shown_whole else self.step.title

    async def _given(self, inputs: Mapping[str, Any], number: int) -> Any:
        if self.step.each:
            value = await self._for_each(inputs, number)
        elif self.target is None:
            value = TRANSFORMS[self.step.target].apply(inputs.get("value"), self.step.options)
        else:
            return await self._tried(self.target, inputs, number, answers=self.answers)
        if self.answers or self.target is None:
            self.stage.whole("answer" if self.answers else "observation", shown(value), number)
        return value

    def _instead(self, failure: RunError, number: int) -> Any:
        """The default, or nothing, in the place of a failed step's output."""
        skipped = self.step.on_error == "skip"
        what = "it is left out" if skipped else "its default stands in its place"
        self.stage.emit(Notice("step_failed", f"{self.step.title}: {failure.detail} So {what}."))
        if self.answers:
            self._take_back()
            self.stage.whole("answer", shown(self.step.default), number)
        return None if skipped else self.step.default

    # --- once for each item

    async def _for_each(self, inputs: Mapping[str, Any], number: int) -> list[Any]:
        items = inputs[self.step.each]
        if not isinstance(items, list | tuple):
            raise RunError("step_failed", f"It runs for each item of {self.step.each}, and that is no list.")
        if len(items) > MOST_ITEMS:
            raise RunError("step_failed", f"{self.step.each} has {len(items)} items; {MOST_ITEMS} are the most.")
        room = asyncio.Semaphore(self.step.at_once)
        tasks = [
            asyncio.ensure_future(
                self._item(room, {**inputs, self.step.each: item}, f"{place} of {len(items)}", number)
            )
            for place, item in enumerate(items, 1)
        ]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _item(self, room: asyncio.Semaphore, inputs: Mapping[str, Any], place: str, number: int) -> Any:
        async with room:
            text = first_line(written(inputs[self.step.each])).strip()
            cut = f"{text[:ITEM_SHOWN]}…" if len(text) > ITEM_SHOWN else text
            self.stage.spending.check()
            with self.stage.titled(f"{place}: {cut}", number) as item:
                if self.target is None:
                    value = TRANSFORMS[self.step.target].apply(inputs.get("value"), self.step.options)
                    self.stage.whole("observation", shown(value), item)
                    return value
                return await self._tried(self.target, inputs, item, answers=False)

    # --- once

    async def _tried(self, target: StepTarget, inputs: Mapping[str, Any], number: int, *, answers: bool) -> Any:
        """As often as the step says, where trying again may help and does no harm."""
        retries = self.step.retries if target.idempotent else 0
        for left in range(retries, -1, -1):
            try:
                return await self._once(target, inputs, number, answers=answers)
            except RunError as error:
                if not left or not error.retryable:
                    raise
                self.stage.emit(Notice("retrying", f"{self.step.title}: {error.detail} Trying again."))
                self._take_back()
        raise AssertionError("unreachable")

    async def _once(self, target: StepTarget, inputs: Mapping[str, Any], number: int, *, answers: bool) -> Any:
        nest = Nest(self.stage.number, number, answer_as=None if answers else "observation")
        if answers:
            self._answering = nest
        try:
            finished = await self._followed(nest, target, inputs)
            value = target.value_of(finished)
        except RunError as error:
            self._check_bounds(error, target)
            raise
        if answers:
            self.stage.ended = finished
        return value

    def _take_back(self) -> None:
        """Another text is about to stand in the place of what a failed try had said. A failed chain keeps it."""
        if self._answering is not None:
            self.stage.pass_on(self._answering, self._answering.take_back())

    async def _followed(self, nest: Nest, target: StepTarget, inputs: Mapping[str, Any]) -> Finished:
        """The nested run to its end, within what is left of the budget. Earlier turns go where they belong."""
        turns = inputs.get(HISTORY)
        given = {name: value for name, value in inputs.items() if not isinstance(value, tuple)}
        try:
            agent = target.make(self.stage.spending.left(target.limits))
            async with aclosing(agent.run(given, turns if isinstance(turns, tuple) else ())) as events:
                async for event in events:
                    self.stage.spending.take(event)
                    self.stage.pass_on(nest, nest.events(event))
                    if isinstance(event, Finished):
                        return event
            raise RuntimeError(f"the step {self.step.id} ended without an answer")
        finally:
            self.stage.pass_on(nest, nest.close())

    def _check_bounds(self, error: RunError, target: StepTarget) -> None:
        """A step that had no time or no room left ended by the chain's budget, where that is the smaller one."""
        spending = self.stage.spending
        spending.check()
        bound = BOUNDS.get(error.code)
        if bound and getattr(spending.left(target.limits), bound) != getattr(target.limits, bound):
            raise LimitReached(error.code) from error  # type: ignore[arg-type]


def shown(value: Any) -> str:
    """A step's output as people read it: the items of a list under one another."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(written(item) for item in value if item is not None)
    return written(value)


def _failure(error: Exception) -> RunError:
    if isinstance(error, RunError):
        return error
    return RunError("step_failed", error.detail if isinstance(error, PromptError) else str(error))
