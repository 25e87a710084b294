"""One reply of the model on the timeline: a thought, then the input of an action or the answer, as they are written."""

from collections.abc import Iterator

from agents.runtime.agents.text_tools import TextTools
from agents.runtime.events import Event, StepKind
from agents.runtime.llm import TextChunk
from agents.runtime.parsing.grammar import Grammar
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.regions import Shown
from agents.runtime.parsing.results import Action, AnyResult, Finish
from agents.runtime.steps import Timeline

KINDS: dict[Shown, StepKind] = {"reasoning": "thought", "thought": "thought", "input": "action", "answer": "answer"}


class Turn:
    """Feeds the parser and the timeline. After `end` the reply has a meaning, and an action's step is still open."""

    def __init__(self, timeline: Timeline, grammar: Grammar, tools: TextTools) -> None:
        self._timeline = timeline
        self._grammar = grammar
        self._tools = tools
        self._parser = grammar.incremental(tools.kinds)
        self._shown: Shown | None = None
        self._thought_shown = False

    @property
    def text(self) -> str:
        return self._parser.text

    @property
    def said(self) -> str:
        """What of it stays in the transcript: no observation that the model made up."""
        return self._grammar.up_to_action(self.text)

    @property
    def decided(self) -> bool:
        return self._parser.decided

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        if chunk.reasoning:
            yield from self._write("reasoning", chunk.text)
            return
        for delta in self._parser.feed(chunk.text):
            yield from self._write(delta.kind, delta.text)

    def end(self, finish_reason: str) -> Iterator[Event]:
        """Show what was held back, and put right what the whole reply says differently."""
        for delta in self._parser.close():
            yield from self._write(delta.kind, delta.text)
        result = self.result = self._tools.checked(self._parser.result(finish_reason))
        if isinstance(result, Action):
            yield from self._settle("input", as_text(result.input), result)
        elif isinstance(result, Finish):
            yield from self._settle("answer", result.answer, result)
            yield from self._timeline.close(result.answer)
        elif self._shown in ("input", "answer"):
            yield from self._timeline.close("")

    def _settle(self, kind: Shown, text: str, result: AnyResult) -> Iterator[Event]:
        """The last step is of this kind and has begun, whatever the stream had looked like."""
        if self._shown == kind:
            return
        yield from self._close(result)
        if result.thought and not self._thought_shown:
            yield from self._timeline.whole("thought", result.thought)
        yield from self._timeline.open(KINDS[kind])
        yield from self._timeline.write(text)

    def _write(self, kind: Shown, text: str) -> Iterator[Event]:
        if kind != self._shown:
            yield from self._close(self._parser.result() if self._shown == "thought" else None)
            yield from self._timeline.open(KINDS[kind])
            self._shown = kind
            self._thought_shown = self._thought_shown or kind == "thought"
        yield from self._timeline.write(text)

    def _close(self, result: AnyResult | None) -> Iterator[Event]:
        match self._shown:
            case "thought":
                yield from self._timeline.close(result.thought if result else None)
            case "input" | "answer":
                yield from self._timeline.close("")
            case _:
                yield from self._timeline.close()
