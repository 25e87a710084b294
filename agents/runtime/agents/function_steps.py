"""The steps of one reply: a thought, an answer and the actions, each open beside the others as long as it grows."""

from collections.abc import Iterator

from agents.runtime.events import Event
from agents.runtime.steps import Timeline


class ReplySteps:
    """`actions` are the open steps of calls by their place in the reply, `answer` is the step of its answer."""

    def __init__(self, timeline: Timeline) -> None:
        self.actions: dict[int, int] = {}
        self.answer: int | None = None
        self._timeline = timeline
        self._thought: int | None = None

    def think(self, text: str) -> Iterator[Event]:
        if self._thought is None:
            text = text.lstrip()
            if not text:
                return
            yield from self._timeline.open("thought", beside=True)
            self._thought = self._timeline.last
        yield from self._timeline.write(text, step=self._thought)

    def stop_thinking(self) -> Iterator[Event]:
        if self._thought is not None:
            yield from self._timeline.close(step=self._thought)
            self._thought = None

    def thought(self, text: str) -> Iterator[Event]:
        """Words that belong to the calls beside them."""
        if text.strip():
            yield from self._timeline.whole("thought", text.strip(), beside=True)

    def say(self, text: str) -> Iterator[Event]:
        if self.answer is None:
            yield from self._timeline.open("answer", beside=True)
            self.answer = self._timeline.last
        yield from self._timeline.write(text, step=self.answer)

    def end_answer(self, text: str) -> Iterator[Event]:
        yield from self._timeline.close(text, step=self.answer)

    def take_back_answer(self) -> Iterator[Event]:
        """What had begun as the answer isn't it."""
        if self.answer is not None:
            yield from self._timeline.close("", step=self.answer)
            self.answer = None

    def act(self, place: int, arguments: str) -> Iterator[Event]:
        """A piece of a call's arguments. Calls that have no step yet get one."""
        if place not in self.actions:
            yield from self.stop_thinking()
            yield from self._timeline.open("action", beside=True)
            self.actions[place] = self._timeline.last
        yield from self._timeline.write(arguments, step=self.actions[place])

    def take_back_action(self, place: int) -> Iterator[Event]:
        """What had begun as a call isn't one, or can't be made."""
        if place in self.actions:
            yield from self._timeline.close("", step=self.actions.pop(place))

    def take_back(self) -> Iterator[Event]:
        """Nothing of the reply counts: another one stands in its place."""
        yield from self.take_back_answer()
        for place in list(self.actions):
            yield from self.take_back_action(place)
        yield from self.stop_thinking()
