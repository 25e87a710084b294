"""One step of a chain: run once, or once for each item of a list; tried again, skipped or replaced as it says."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agents.runtime.chains.attempt import Attempt
from agents.runtime.chains.spec import ChainStep
from agents.runtime.chains.stage import Stage
from agents.runtime.chains.targets import StepTarget
from agents.runtime.chains.transforms import TRANSFORMS
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import Notice
from agents.runtime.templates.base import written
from agents.runtime.text import first_line

MOST_ITEMS = 100
ITEM_SHOWN = 60


class StepRun:
    """`answers`: what it gives is the chain's answer, and is streamed as such where it comes from one model."""

    def __init__(self, stage: Stage, step: ChainStep, target: StepTarget | None, *, answers: bool) -> None:
        self.stage = stage
        self.step = step
        self.target = target
        self.answers = answers
        # The attempt whose text stands as the chain's answer.
        self._answering: Attempt | None = None

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
            if self._answering is not None:
                self._answering.take_back()
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
            attempt = Attempt(self.stage, target, number, answers=answers)
            self._answering = attempt if answers else None
            try:
                return await attempt.value(inputs)
            except RunError as error:
                if not left or not error.retryable:
                    raise
                self.stage.emit(Notice("retrying", f"{self.step.title}: {error.detail} Trying again."))
                attempt.take_back()
        raise AssertionError("unreachable")


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
