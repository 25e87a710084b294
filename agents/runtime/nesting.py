"""A run within a step of another one: its events, renumbered, so that several can go on side by side."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from agents.runtime.events import (
    AnyEvent,
    Finished,
    ModelCalled,
    ModelCalling,
    StepFinished,
    StepKind,
    StepStarted,
    TextDelta,
    ToolCalled,
    ToolFinished,
    ToolProgress,
)


@dataclass(slots=True)
class _Open:
    """A step that is under way."""

    kind: StepKind
    began: float = field(default_factory=time.monotonic)


class Nest:
    """Takes the events of one nested run and gives them their place beneath `parent`.

    `number` gives the next free number of the whole run. A step that the nested run calls its answer becomes one of
    kind `answer_as`, None for an answer that is the whole run's too. `answers` are the texts of those that stayed
    answers, by their numbers. The end of the nested run is not passed on.
    """

    def __init__(self, number: Callable[[], int], parent: int, *, answer_as: StepKind | None = "observation") -> None:
        self.parent = parent
        self.answers: dict[int, str] = {}
        self._number = number
        self._answer_as = answer_as
        self._numbers: dict[int, int] = {}
        self._open: dict[int, _Open] = {}
        self._texts: dict[int, str] = {}
        self._taken: dict[int, str] = {}
        self._calls: dict[int, tuple[ModelCalling, float]] = {}

    def events(self, event: AnyEvent) -> Iterator[AnyEvent]:
        match event:
            case TextDelta():
                step = self._at(event.step)
                self._write(step, self._texts.get(step, "") + event.text)
                yield TextDelta(step, event.text)
            case StepStarted():
                yield self._started(event)
            case StepFinished():
                step = self._at(event.step)
                self._open.pop(step, None)
                if event.text is not None:
                    if not event.text and self.answers.get(step):
                        self._taken[step] = self.answers[step]
                    self._write(step, event.text)
                yield StepFinished(step, event.ms, event.text)
            case ToolCalled():
                yield replace(event, step=self._at(event.step), call=self._call(event.call))
            case ToolProgress() | ToolFinished():
                yield replace(event, call=self._call(event.call))
            case ModelCalling():
                calling = replace(event, step=self._at(event.step))
                self._calls[event.call] = (calling, time.monotonic())
                yield calling
            case ModelCalled():
                self._calls.pop(event.call, None)
                yield replace(event, step=self._shown(event.step))
            case Finished():
                return
            case _:
                yield event

    def close(self) -> Iterator[AnyEvent]:
        """End what the nested run left open: model calls that were cut off, and steps."""
        now = time.monotonic()
        for calling, began in self._calls.values():
            step = calling.step if calling.step in self._texts else self.parent
            yield calling.cut_off(step=step, text=self._written(calling), duration_ms=round((now - began) * 1000))
        for step, opened in self._open.items():
            yield StepFinished(step, round((now - opened.began) * 1000))
        self._calls.clear()
        self._open.clear()

    def take_back(self) -> Iterator[AnyEvent]:
        """What stood as the answer isn't it: another will stand in its place."""
        for step, text in self.answers.items():
            if text:
                self.answers[step] = ""
                yield StepFinished(step, 0, "")

    def restore(self) -> Iterator[AnyEvent]:
        """Nothing came in the place of the answer that the nested run took back last: it stands again."""
        if self._taken and not any(self.answers.values()):
            step, text = self._taken.popitem()
            self.answers[step] = text
            yield StepFinished(step, 0, text)

    def _started(self, event: StepStarted) -> StepStarted:
        step = self._at(event.step)
        kind = self._answer_as or event.kind if event.kind == "answer" else event.kind
        self._open[step] = _Open(kind)
        self._texts[step] = ""
        if kind == "answer":
            self.answers[step] = ""
        return StepStarted(step, kind, self._place(event.parent))

    def _written(self, calling: ModelCalling) -> str:
        """What a call wrote: alone all that has come since; of several each wrote the step that was its own."""
        first, alone = calling.step, len(self._calls) == 1
        return "\n".join(text for step, text in self._texts.items() if step == first or (alone and step > first))

    def _write(self, step: int, text: str) -> None:
        self._texts[step] = text
        if step in self.answers:
            self.answers[step] = text

    def _at(self, step: int) -> int:
        """The number of a step of the nested run; it has one from its first mention."""
        if step not in self._numbers:
            self._numbers[step] = self._number()
        return self._numbers[step]

    def _shown(self, step: int) -> int:
        """A step that was really begun, else the one that all of this stands in."""
        number = self._numbers.get(step, self.parent)
        return number if number in self._texts else self.parent

    def _place(self, parent: int | None) -> int:
        return self.parent if parent is None else self._at(parent)

    def _call(self, call: str) -> str:
        return f"{self.parent}.{call}"
