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
from agents.runtime.agents.function_steps import ReplySteps
from agents.runtime.answers.reading import CUT
from agents.runtime.events import Event
from agents.runtime.llm import CallChunk, FunctionCall, TextChunk
from agents.runtime.parsing.argument_stream import ArgumentStream
from agents.runtime.parsing.text_call_stream import TextCallStream, may_be_call, named_in
from agents.runtime.parsing.text_calls import LONGEST, TextCall, fenced_in, is_marks_alone, marked_calls, text_calls
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.steps import Timeline

HELD = 120  # characters
EMPTY = "(empty)"  # what stands in the transcript for a reply of nothing; a model may say it again


class FunctionTurn:
    """`text` is what the model said beside its thinking; `steps` shows it.

    After `end`, `written` are calls that it wrote as text, and `goes_on` tells that something followed them, which
    counts for nothing; `is_broken_call` tells of a text that began as a call and isn't one, or has one in its midst
    (`is_in_midst`); `before` are the words before a call. `again`: a call in the midst of a text is let pass, as the
    model has been asked already, or can't be.
    """

    def __init__(self, timeline: Timeline, functions: Functions, *, again: bool = False) -> None:
        self._is_again = again
        self.steps = ReplySteps(timeline)
        self.written: tuple[TextCall, ...] = ()
        self.goes_on = False
        self.is_broken_call = False
        self.is_in_midst = False
        self.before = ""
        self._functions = functions
        self._said: list[str] = []
        self._thinking = ThinkingFilter()
        self._held = ""
        self._are_words = False  # what is held back: no more of it makes it a call
        self._meant: str | None = None  # the tool of a call that came to none
        self._after = ""
        self._text_call = TextCallStream(functions.names.tool_of)
        self._streams: dict[int, ArgumentStream] = {}

    @property
    def text(self) -> str:
        return "".join(self._said)

    @property
    def is_empty(self) -> bool:
        return self.text.strip() in ("", EMPTY)

    @property
    def begun(self) -> str:
        """The answer as far as it was written; nothing of what may be a call."""
        is_call = bool(self.steps.actions) or may_be_call(self.text, self._functions.names.tool_of)
        return "" if is_call else self.text.strip()

    @property
    def tool(self) -> str | None:
        """The tool of a call that is written as text, as soon as it is known."""
        return self._text_call.tool or self._meant

    # --- while it comes

    def read(self, chunk: TextChunk | CallChunk) -> Iterator[Event]:
        if isinstance(chunk, CallChunk):
            yield from self._piece_of_call(chunk)
        elif chunk.reasoning:
            yield from self.steps.think(chunk.text)
        else:
            for thinking, part in self._thinking.feed(chunk.text):
                yield from self.steps.think(part) if thinking else self._say(part)

    def _say(self, text: str) -> Iterator[Event]:
        self._said.append(text)
        if text.strip():
            yield from self.steps.stop_thinking()
        if self.steps.answer is not None:
            yield from self.steps.say(text)
        elif self._streams:
            self._after += text
        elif self._held or text.strip():
            text = text if self._held else text.lstrip()
            self._held += text
            yield from self._hold(text)

    def _hold(self, text: str) -> Iterator[Event]:
        if not self._are_words:
            begun = self.tool is not None and len(self._held) <= LONGEST
            if begun or self._may_be_call():
                yield from self._show_text_call(text)
                return
            self._are_words = True
            yield from self.steps.take_back_action(0)
        if len(self._held) > HELD:
            yield from self._release()

    def _may_be_call(self) -> bool:
        return may_be_call(self._held, self._functions.names.tool_of)

    def _release(self) -> Iterator[Event]:
        held, self._held = self._held, ""
        yield from self.steps.say(held)

    def _show_text_call(self, text: str) -> Iterator[Event]:
        """The arguments of a call that is written as text, from when its tool is known."""
        shown = self._text_call.feed(text)
        if 0 not in self.steps.actions and (name := self._text_call.found()):
            shown = self._text_call.show(field_shown(self._functions.tools[name]))
            yield from self.steps.act(0, shown)
        elif 0 in self.steps.actions:
            yield from self.steps.act(0, shown)

    def _piece_of_call(self, chunk: CallChunk) -> Iterator[Event]:
        tool = self._functions.tool(chunk.name) if chunk.name else None
        if not self._streams:
            yield from self._move_to_thought()
        if chunk.place not in self._streams:
            self._streams[chunk.place] = ArgumentStream(field_shown(tool) if tool else None)
        shown = self._streams[chunk.place].feed(chunk.arguments)
        begins = tool is not None and len(self._streams) <= MOST_CALLS
        if begins or chunk.place in self.steps.actions:
            yield from self.steps.act(chunk.place, shown)

    def _move_to_thought(self) -> Iterator[Event]:
        """What was said so far were words before a call."""
        said = self._held if self.steps.answer is None else self.text
        self._held = ""
        yield from self.steps.take_back()
        yield from self.steps.thought(said)

    # --- when it is over

    def end(self, calls: Sequence[FunctionCall], finish_reason: str) -> Iterator[Event]:
        """Show what was held back, by what the whole of the reply means."""
        yield from self._all_said()
        if not calls:
            self._find_written()
        if calls or self.written:
            yield from self._end_with_calls(calls or self.written)
            return
        begins_like_one = bool(self._held.strip()) and self._may_be_call()
        is_begun = 0 in self.steps.actions or (finish_reason in CUT and begins_like_one)
        self.is_broken_call = is_begun or self._meant is not None or is_marks_alone(self.text)
        yield from self.steps.take_back_action(0)
        if self._meant is not None:
            yield from self.steps.take_back_answer()
            yield from self.steps.thought(self.before)
        elif finish_reason == "tool_calls" and not self.is_broken_call:  # words before a call that never came
            yield from self._move_to_thought()
        elif not (self.is_empty or self.is_broken_call):
            yield from self.show_held()
            yield from self.steps.end_answer(self.text.strip())

    def _all_said(self) -> Iterator[Event]:
        for thinking, part in self._thinking.close():
            yield from self.steps.think(part) if thinking else self._say(part)
        yield from self.steps.stop_thinking()

    def _find_written(self) -> None:
        """Calls that are all of the text, or the rest of it from a mark on."""
        known = self._functions.names.tool_of
        self.written = text_calls(self.text, known)
        if self.written:
            return
        marked = marked_calls(self.text, known)
        if marked is None:
            self._find_in_midst()
            return
        self.written, self.before, self.goes_on = marked.calls, marked.before, marked.goes_on
        self._meant = None if self.written else named_in(self.text[len(marked.before) :], known)

    def _find_in_midst(self) -> None:
        """A call in the midst of a text: the model is asked whether it meant it. Said again, it is an answer."""
        found = None if self._is_again else fenced_in(self.text, self._functions.names.tool_of)
        if found:
            at, self._meant = found
            self.before, self.is_in_midst = self.text[:at], bool(self.text[:at].strip())

    def _end_with_calls(self, calls: Sequence[FunctionCall | TextCall]) -> Iterator[Event]:
        """Calls that no piece had announced get their steps; words between them are a thought."""
        if self.written:
            yield from self.steps.take_back_answer()
            yield from self.steps.thought(self.before)
        elif not self._streams:
            yield from self._move_to_thought()
        yield from self.steps.thought(self._after)
        for place, call in enumerate(calls[:MOST_CALLS]):
            tool = self._functions.tool(call.name)
            if tool and place not in self.steps.actions:
                yield from self.steps.act(place, ArgumentStream(field_shown(tool)).feed(call.arguments))

    def show_held(self) -> Iterator[Event]:
        """What was held back of a text that goes no further, unless it is a call."""
        if self._held.strip() and not self.steps.actions:
            yield from self._release()
