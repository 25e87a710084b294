"""One reply on the timeline: what the model thinks, the calls it makes, or its answer, as they are written.

Text may be the answer or a few words before a call, and only what follows tells which. The beginning is held back until
it is longer than such words usually are (HELD); then it is shown as the answer. Nearly every preamble is thus shown
once, in its place as a thought, and an answer begins thirty tokens late, while the page says the model is thinking.
Where a call follows a longer text after all, the text moves from the answer to a thought. Text that begins like a call
written as text is held back as long as it may be one. A run that is stopped while text is held back loses that text, of
which nobody has seen anything.
"""

from collections.abc import Iterator, Sequence

from agents.runtime.agents.function_calls import MOST_CALLS
from agents.runtime.agents.function_specs import Functions, field_shown
from agents.runtime.events import Event
from agents.runtime.llm import CallChunk, FunctionCall, TextChunk
from agents.runtime.parsing.argument_stream import ArgumentStream
from agents.runtime.parsing.text_call_stream import TextCallStream, may_be_call
from agents.runtime.parsing.text_calls import LONGEST, TextCall, text_calls
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.steps import Timeline

HELD = 120  # characters


class FunctionTurn:
    """`text` is what the model said beside its thinking; `steps` are the open steps of its calls by their place.

    After `end`, `written` are calls that it wrote as text, and `is_broken_call` tells of a text that began as a call
    of a tool that exists, and went on as something else.
    """

    def __init__(self, timeline: Timeline, functions: Functions) -> None:
        self.text = ""
        self.steps: dict[int, int] = {}
        self.written: tuple[TextCall, ...] = ()
        self.is_broken_call = False
        self._timeline = timeline
        self._functions = functions
        self._thinking = ThinkingFilter()
        self._thought_step: int | None = None
        self._answer_step: int | None = None
        self._held = ""
        self._after = ""
        self._text_call = TextCallStream(functions.names.tool_of)
        self._streams: dict[int, ArgumentStream] = {}

    @property
    def tool(self) -> str | None:
        """The tool of a call that is written as text, as soon as it is known."""
        return self._text_call.tool

    # --- while it comes

    def read(self, chunk: TextChunk | CallChunk) -> Iterator[Event]:
        if isinstance(chunk, CallChunk):
            yield from self._piece_of_call(chunk)
        elif chunk.reasoning:
            yield from self._think(chunk.text)
        else:
            for thinking, part in self._thinking.feed(chunk.text):
                yield from self._think(part) if thinking else self._say(part)

    def _think(self, text: str) -> Iterator[Event]:
        if self._thought_step is None:
            text = text.lstrip()
            if not text:
                return
            yield from self._timeline.open("thought", beside=True)
            self._thought_step = self._timeline.last
        yield from self._timeline.write(text, step=self._thought_step)

    def _stop_thinking(self) -> Iterator[Event]:
        if self._thought_step is not None:
            yield from self._timeline.close(step=self._thought_step)
            self._thought_step = None

    def _say(self, text: str) -> Iterator[Event]:
        if not text:
            return
        self.text += text
        if text.strip():
            yield from self._stop_thinking()
        if self._answer_step is not None:
            yield from self._timeline.write(text, step=self._answer_step)
        elif self._streams:
            self._after += text
        else:
            self._held += text
            yield from self._hold(text)

    def _hold(self, text: str) -> Iterator[Event]:
        begun = self._text_call.tool is not None and len(self._held) <= LONGEST
        if begun or may_be_call(self._held, self._functions.names.tool_of):
            yield from self._show_text_call(text)
            return
        if self.steps:  # it had begun as a call
            yield from self._timeline.close("", step=self.steps.pop(0))
        if len(self._held.strip()) > HELD:
            yield from self._show_answer()

    def _show_answer(self) -> Iterator[Event]:
        yield from self._timeline.open("answer", beside=True)
        self._answer_step = self._timeline.last
        yield from self._timeline.write(self._held.lstrip(), step=self._answer_step)
        self._held = ""

    def _show_text_call(self, text: str) -> Iterator[Event]:
        """The arguments of a call that is written as text, from when its tool is known."""
        shown = self._text_call.feed(text)
        if 0 not in self.steps and (name := self._text_call.found()):
            yield from self._open_action(0)
            shown = self._text_call.show(field_shown(self._functions.tools[name]))
        if 0 in self.steps:
            yield from self._timeline.write(shown, step=self.steps[0])

    def _piece_of_call(self, chunk: CallChunk) -> Iterator[Event]:
        if chunk.place not in self._streams:
            yield from self._move_to_thought()
            tool = self._functions.tool(chunk.name)
            self._streams[chunk.place] = ArgumentStream(field_shown(tool) if tool else None)
            if tool and len(self._streams) <= MOST_CALLS:
                yield from self._open_action(chunk.place)
        shown = self._streams[chunk.place].feed(chunk.arguments)
        if chunk.place in self.steps:
            yield from self._timeline.write(shown, step=self.steps[chunk.place])

    def _open_action(self, place: int) -> Iterator[Event]:
        yield from self._stop_thinking()
        yield from self._timeline.open("action", beside=True)
        self.steps[place] = self._timeline.last

    def _move_to_thought(self) -> Iterator[Event]:
        """What was said so far were words before a call."""
        if self._streams:
            return
        if 0 in self.steps:
            yield from self._timeline.close("", step=self.steps.pop(0))
        said = self.text if self._answer_step is not None else self._held
        yield from self._take_back_answer()
        self._held = ""
        yield from self._stop_thinking()
        if said.strip():
            yield from self._timeline.whole("thought", said.strip(), beside=True)

    # --- when it is over

    def end(self, calls: Sequence[FunctionCall], *, cut_off: bool) -> Iterator[Event]:
        """Show what was held back, by what the whole of the reply means."""
        for thinking, part in self._thinking.close():
            yield from self._think(part) if thinking else self._say(part)
        yield from self._stop_thinking()
        if not calls:
            self.written = text_calls(self.text, self._functions.names.tool_of)
        if calls or self.written:
            yield from self._end_with_calls(calls or self.written)
            return
        self.is_broken_call = self._is_broken_call(cut_off)
        yield from self._close_actions()
        if self.text.strip() and not self.is_broken_call:
            yield from self.show_held()
            yield from self._timeline.close(self.text.strip(), step=self._answer_step)

    def _is_broken_call(self, cut_off: bool) -> bool:
        begins_like_one = bool(self._held.strip()) and may_be_call(self._held, self._functions.names.tool_of)
        return 0 in self.steps or (cut_off and begins_like_one)

    def _end_with_calls(self, calls: Sequence[FunctionCall | TextCall]) -> Iterator[Event]:
        """Calls that no piece had announced get their steps; words between them are a thought."""
        if self.written:
            yield from self._take_back_answer()
        else:
            yield from self._move_to_thought()
        if self._after.strip():
            yield from self._timeline.whole("thought", self._after.strip(), beside=True)
        for place, call in enumerate(calls[:MOST_CALLS]):
            tool = self._functions.tool(call.name)
            if tool and place not in self.steps:
                yield from self._open_action(place)
                shown = ArgumentStream(field_shown(tool)).feed(call.arguments)
                yield from self._timeline.write(shown, step=self.steps[place])

    def _close_actions(self) -> Iterator[Event]:
        for step in self.steps.values():
            yield from self._timeline.close("", step=step)
        self.steps.clear()

    # --- when it was cut off

    def show_held(self) -> Iterator[Event]:
        """What was held back of a text that goes no further, unless it is a call."""
        if self._held.strip() and not self.steps:
            yield from self._show_answer()

    def take_back(self) -> Iterator[Event]:
        """Nothing of this reply counts: another one stands in its place."""
        yield from self._take_back_answer()
        yield from self._close_actions()
        yield from self._timeline.close_all()

    def _take_back_answer(self) -> Iterator[Event]:
        if self._answer_step is not None:
            yield from self._timeline.close("", step=self._answer_step)
            self._answer_step = None
