"""Where a chain's steps show what they do: one stream of events, one count of steps, one budget."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.runtime.chains.spending import Spending
from agents.runtime.events import AnyEvent, Finished, StepFinished, StepKind, StepStarted, TextDelta
from agents.runtime.llm import Message
from agents.runtime.nesting import Nest


@dataclass(slots=True)
class Stage:
    """`answers` are the texts of the steps that answer, by their numbers: what a fold over the events gives.

    `ended` is the end of the run that gave the chain's answer, where it was one run that did.
    """

    emit: Callable[[AnyEvent], None]
    spending: Spending
    history: Sequence[Message]
    last: int = 0
    answers: dict[int, str] = field(default_factory=dict)
    ended: Finished | None = None

    def number(self) -> int:
        self.last += 1
        return self.last

    @contextmanager
    def titled(self, title: str, parent: int | None = None) -> Iterator[int]:
        """A step that says what goes on within it."""
        number, began = self.number(), time.monotonic()
        self.emit(StepStarted(number, "plan", parent))
        self.emit(TextDelta(number, title))
        try:
            yield number
        finally:
            self.emit(StepFinished(number, round((time.monotonic() - began) * 1000)))

    def whole(self, kind: StepKind, text: str, parent: int | None) -> None:
        """A step that is there all at once."""
        number = self.number()
        self.emit(StepStarted(number, kind, parent))
        if text:
            self.emit(TextDelta(number, text))
        self.emit(StepFinished(number, 0))
        if kind == "answer":
            self.answers[number] = text

    def pass_on(self, nest: Nest, events: Iterable[AnyEvent]) -> None:
        for event in events:
            self.emit(event)
        self.answers.update(nest.answers)

    @property
    def answer(self) -> str:
        return "\n\n".join(text for _, text in sorted(self.answers.items()) if text)
