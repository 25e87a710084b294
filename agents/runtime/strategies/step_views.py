"""Where replies are shown that are steps of a strategy, beside each other, and not the answer."""

from collections.abc import Iterator

from agents.runtime.events import Event, StepKind
from agents.runtime.llm import TextChunk
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.steps import Timeline


class StepView:
    """A reply that is the text of one step, such as a sample or a sub-question, open beside others."""

    def __init__(self, timeline: Timeline, step: int) -> None:
        self.step = step
        self._timeline = timeline
        self._thinking = ThinkingFilter()

    @property
    def first_step(self) -> int:
        return self.step

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        """What the model thinks apart stands in the step too: it is the reasoning of this one reply."""
        if chunk.reasoning:
            yield from self._timeline.write(chunk.text, step=self.step)
            return
        for _, part in self._thinking.feed(chunk.text):
            yield from self._timeline.write(part, step=self.step)

    def end(self) -> Iterator[Event]:
        for _, part in self._thinking.close():
            yield from self._timeline.write(part, step=self.step)

    def close(self, text: str | None = None) -> Iterator[Event]:
        yield from self._timeline.close(text, step=self.step)


def step_beside(timeline: Timeline, kind: StepKind) -> tuple[StepView, list[Event]]:
    """A step that is open beside others, and the events that open it."""
    opening = list(timeline.open(kind, beside=True))
    return StepView(timeline, timeline.last), opening


class ChoicesView:
    """Several replies to one request, each in a step of its own."""

    def __init__(self, timeline: Timeline, kind: StepKind) -> None:
        self._views: dict[int, StepView] = {}
        self._timeline = timeline
        self._kind = kind

    @property
    def first_step(self) -> int:
        return self._timeline.next

    @property
    def step(self) -> int:
        return min((view.step for view in self._views.values()), default=self._timeline.last)

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        if chunk.choice not in self._views:
            self._views[chunk.choice], opening = step_beside(self._timeline, self._kind)
            yield from opening
        yield from self._views[chunk.choice].read(chunk)

    def end(self) -> Iterator[Event]:
        for view in self._views.values():
            yield from view.end()
        yield from self.close()

    def close(self) -> Iterator[Event]:
        for view in self._views.values():
            yield from view.close()


class Unseen:
    """A reply that is read before anything of it is shown."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    @property
    def first_step(self) -> int:
        return self._timeline.next

    @property
    def step(self) -> int:
        return self._timeline.last

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        yield from ()

    def end(self) -> Iterator[Event]:
        yield from ()

    def close(self) -> Iterator[Event]:
        yield from ()
