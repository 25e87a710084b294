"""A text protocol while the reply is being written: what can be shown already, and when it can be stopped.

Nothing is shown that could still become a label: the beginning of a line waits until it is one or can't be one any
more. The full parse at the end has the last word; where it disagrees with what was shown, the caller corrects it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping

from agents.runtime.parsing.labels import Fences, LabelLine, Labels
from agents.runtime.parsing.regions import Delta, Region, Regions
from agents.runtime.parsing.results import Action, AnyResult, Finish
from agents.runtime.parsing.sections import label_of
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.tools import InputKind

Parse = Callable[[str, Mapping[str, InputKind] | None, str | None], AnyResult]
BARE_FENCE = re.compile(r"\s*```(?:text|markdown|md)?\s*\Z")
LINE_END = re.compile(r"[\r\n]")
MARKS = " \t*_`"
MOST_WAITED = 200  # characters of a line that are held back


class Incremental(Regions, ABC):
    """Feed it the pieces of a reply. It reads line by line: a grammar says which region of the reply a label opens."""

    def __init__(self, parse: Parse, labels: Labels, tools: Mapping[str, InputKind] | None = None) -> None:
        super().__init__(tools)
        self.decided = False
        self.labels = labels
        self._parse = parse
        self._thinking = ThinkingFilter()
        self._fences = Fences()
        self._pieces: list[str] = []
        self._read: list[str] = []  # what was looked at, without thinking
        self._held = ""  # the beginning of a line that may become a label
        self._shown: list[str] = []  # the pieces of a line that can't
        self._first_line = True

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def feed(self, text: str) -> Iterator[Delta]:
        """What the piece allows to show. `decided` tells that nothing that follows can change the meaning."""
        self._pieces.append(text)
        if self._shown and not self._thinking.concerns(text) and not LINE_END.search(text):
            yield from self._further(text)  # nearly every piece: this runs for each token
            return
        for thinking, part in self._thinking.feed(text.replace("\r", "")):
            yield from self._take(thinking, part)

    def close(self) -> Iterator[Delta]:
        """What was held back for a label that never came."""
        for thinking, part in self._thinking.close():
            yield from self._take(thinking, part)
        if self._held or self._shown:
            yield from self._end_of_line("", "")

    def result(self, finish_reason: str | None = None) -> AnyResult:
        """The meaning of the whole reply, by the parser that reads it at once."""
        return self._parse(self.text, self.tools, finish_reason)

    # --- what a grammar says

    @abstractmethod
    def region_after(self, label: LabelLine) -> Region:
        """Where the text behind a label belongs."""

    def label_in(self, line: str) -> LabelLine | None:
        return label_of(line, self.labels)

    def is_text(self, label: LabelLine) -> bool:
        """Whether what looks like a label is none in this region; asked when nothing is waited for any more."""
        return False

    def may_change(self, label: LabelLine) -> bool:
        """Whether what follows on the line may still change the label: bold marks may stand behind the colon."""
        return not label.rest.strip(MARKS)

    def end(self) -> None:
        """What follows belongs to nothing. It need not be waited for if the meaning is there."""
        self.region = "over"
        self.decided = isinstance(self._parse("".join(self._read), self.tools, None), Action | Finish)

    # --- lines

    def _take(self, thinking: bool, text: str) -> Iterator[Delta]:
        if thinking:
            if text:
                yield Delta("reasoning", text)
            return
        *lines, rest = text.split("\n")
        for line in lines:
            yield from self._end_of_line(line, "\n")
        if rest:
            yield from self._middle_of_line(rest)

    def _middle_of_line(self, text: str) -> Iterator[Delta]:
        """Show the line so far, unless its beginning is still open."""
        if not self._shown:
            line = self._held = self._held + text
            label = self._label(line)
            if self._is_open(label, line):
                return
            text, self._held = self._entered(None if label and self.is_text(label) else label, line), ""
            self._shown.append(line[: len(line) - len(text)])
            self._read.append(self._shown[0])
        yield from self._further(text)

    def _further(self, text: str) -> Iterator[Delta]:
        """More of a line whose beginning is shown."""
        self._shown.append(text)
        self._read.append(text)
        yield from self.show(text)

    def _is_open(self, label: LabelLine | None, line: str) -> bool:
        if len(line) > MOST_WAITED:
            return False
        if label is None:
            return self.labels.may_begin(line)
        may_come_again = line[: label.start].lstrip(MARKS).startswith(label.rest.strip(MARKS))
        return may_come_again or self.may_change(label)

    def _end_of_line(self, text: str, line_end: str) -> Iterator[Delta]:
        line = "".join((self._held, *self._shown, text))
        begun, self._held, self._shown = bool(self._shown), "", []
        if self._first_line and line.strip():
            self._first_line = False
            if BARE_FENCE.match(line):
                self._read.append(line + line_end)
                return
        label = self._label(line)
        if label and not begun and self.is_text(label):
            label = None
        unread, text = (text, text) if begun else (line, self._entered(label, line))
        self._read.append(unread + line_end)
        yield from self.show(text + line_end)
        self._fences.pass_line(label.rest if label else line)

    def _label(self, line: str) -> LabelLine | None:
        return None if self._fences.inside else self.label_in(line)

    def _entered(self, label: LabelLine | None, line: str) -> str:
        """What there is to show of a line, in the region that its label opens."""
        if label is None:
            return line
        region = self.region_after(label)
        if region == "over" and self.region != "over":
            self.end()
        self.open(region)
        return line[label.start :]
