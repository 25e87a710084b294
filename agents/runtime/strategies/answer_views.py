"""Where a reply that gives the answer is shown while it is being written."""

import re
from collections.abc import Iterator

from agents.runtime.events import Event, StepKind
from agents.runtime.llm import TextChunk
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.steps import Timeline

MARKS = " \t>#*_`"


class AnswerView:
    """A reply that is the answer; what the model thinks before it, between tags or apart, is a step `thought`."""

    def __init__(self, timeline: Timeline) -> None:
        self.answers: list[str] = []
        self._spoken: list[str] = []
        self._timeline = timeline
        self._thinking = ThinkingFilter()

    @property
    def spoken(self) -> str:
        """All of the reply but what the model thought before it."""
        return "".join(self._spoken).strip()

    @property
    def first_step(self) -> int:
        return self._timeline.next

    @property
    def step(self) -> int:
        return self._timeline.last

    @property
    def answer(self) -> str:
        """As every fold over the events has it: a blank line between answers that a thought divides."""
        return "\n\n".join(self.answers)

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        if chunk.reasoning:
            yield from self._write("thought", chunk.text)
            return
        for thinking, part in self._thinking.feed(chunk.text):
            yield from self._sorted(thinking, part)

    def end(self) -> Iterator[Event]:
        """What was held back. The last step stays open: what the reply means decides how it ends."""
        for thinking, part in self._thinking.close():
            yield from self._sorted(thinking, part)

    def close(self) -> Iterator[Event]:
        yield from self._timeline.close()

    def taken_back(self) -> Iterator[Event]:
        """What was shown last isn't the answer: it stays on the timeline as a thought."""
        said = self._timeline.shown if self._timeline.kind else ""
        yield from self._timeline.close("")
        if said.strip():
            yield from self._timeline.whole("thought", said)
        self.answers.clear()

    def _sorted(self, thinking: bool, text: str) -> Iterator[Event]:
        if thinking:
            yield from self._write("thought", text)
            return
        self._spoken.append(text)
        yield from self._said(text)

    def _said(self, text: str) -> Iterator[Event]:
        yield from self._write("answer", text)

    def _write(self, kind: StepKind, text: str) -> Iterator[Event]:
        if self._timeline.kind != kind:
            text = text.lstrip()
            if text:
                yield from self._timeline.open(kind)
                self.answers += [""] if kind == "answer" else []
        if text and kind == "answer":
            self.answers[-1] += text
        yield from self._timeline.write(text)


class ReasonedView(AnswerView):
    """A reply that reasons and ends with an answer line: the reasoning is a thought, what follows the label answers.

    The label counts at the start of a line. The beginning of a line is held back as long as it could become the label,
    so that nothing is shown as one thing and turns into another. A later answer line takes the earlier one back: it
    was a part of the reasoning.
    """

    def __init__(self, timeline: Timeline, label: str) -> None:
        super().__init__(timeline)
        word = label.rstrip(":： \t")
        self._word = word.casefold()
        self._label = re.compile(rf"[{MARKS}]*{re.escape(word)}[*_`]*[ \t]*[:：][{MARKS}]*", re.IGNORECASE)
        self._line = ""
        self._open = False  # the line's beginning is decided, the rest of it follows
        self._kind: StepKind = "thought"

    def end(self) -> Iterator[Event]:
        yield from super().end()
        yield from self._decide()

    def _said(self, text: str) -> Iterator[Event]:
        for part in re.findall(r"[^\n]*\n|[^\n]+", text):
            if self._open:
                yield from self._go_on(part)
            else:
                self._line += part
                if part.endswith("\n") or not self._may_become_label():
                    yield from self._decide()
            if part.endswith("\n"):
                self._open = False

    def _may_become_label(self) -> bool:
        begun = self._line.lstrip(MARKS).casefold()
        behind = begun.removeprefix(self._word)
        return self._word.startswith(begun) or (behind != begun and not behind.strip(f"{MARKS}:："))

    def _decide(self) -> Iterator[Event]:
        line, self._line, self._open = self._line, "", True
        label = self._label.match(line)
        if label is None:
            yield from self._go_on(line)
            return
        self._kind = "answer"
        if self.answers:
            yield from self.taken_back()
        yield from self._write("answer", line[label.end() :])

    def _go_on(self, text: str) -> Iterator[Event]:
        yield from self._write(self._kind, text)


class ThoughtView(AnswerView):
    """A reply that is all reasoning; the answer comes from another call."""

    def _said(self, text: str) -> Iterator[Event]:
        yield from self._write("thought", text)
