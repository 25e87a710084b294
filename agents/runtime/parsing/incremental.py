"""The same protocol while the reply is being written: what can be shown already, and when it can be stopped.

Nothing is shown that could still become a label: the beginning of a line waits until it is one or can't be one any
more. The full parse at the end has the last word; where it disagrees with what was shown, the caller corrects it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from agents.runtime.parsing.labels import Fences, LabelLine, Name, label_of, may_become_label
from agents.runtime.parsing.results import Action, AnyResult, Finish
from agents.runtime.parsing.thinking import ThinkingFilter
from agents.runtime.parsing.tool_names import ToolNames, means_no_tool
from agents.runtime.parsing.zero_shot_react import parse
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind

Shown = Literal["reasoning", "thought", "input", "answer"]
Region = Literal["thought", "action", "input", "answer", "hidden", "over"]
OPENS_JSON = re.compile(r"\s*(?:[\[{]|```json)")
BARE_FENCE = re.compile(r"\s*```(?:text|markdown|md)?\s*\Z")
BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text that can be shown, and where it belongs."""

    kind: Shown
    text: str


class IncrementalParser:
    """Feed it the pieces of a reply. `tool` is set as soon as the reply has named one that exists."""

    def __init__(self, tools: Mapping[str, InputKind] | None = None) -> None:
        self.tools = tools
        self.text = ""
        self.tool: str | None = None
        self.decided = False
        self._names = ToolNames(tools)
        self._thinking = ThinkingFilter()
        self._fences = Fences()
        self._region: Region = "thought"
        self._action = ""
        self._line = ""
        self._shown_up_to = 0
        self._blank = ""
        self._begun = False
        self._first_line = True

    def feed(self, text: str) -> Iterator[Delta]:
        """What the piece allows to show. `decided` tells that nothing that follows can change the meaning."""
        self.text += text
        for thinking, part in self._thinking.feed(text.replace("\r", "")):
            yield from self._take(thinking, part)

    def close(self) -> Iterator[Delta]:
        """What was held back for a label that never came."""
        for thinking, part in self._thinking.close():
            yield from self._take(thinking, part)
        if self._line:
            yield from self._end_of_line("")

    def result(self, finish_reason: str | None = None) -> AnyResult:
        """The meaning of the whole reply, by the parser that reads it at once."""
        return parse(self.text, self.tools, finish_reason)

    def _take(self, thinking: bool, text: str) -> Iterator[Delta]:
        if thinking:
            if text:
                yield Delta("reasoning", text)
            return
        *lines, rest = text.split("\n")
        for line in lines:
            self._line += line
            yield from self._end_of_line("\n")
        self._line += rest
        if rest:
            yield from self._middle_of_line()

    # --- lines

    def _middle_of_line(self) -> Iterator[Delta]:
        """Show the line so far, unless its beginning is still open."""
        if not self._shown_up_to:
            label = self._label()
            if label:
                if self._waits_for_the_end(label):
                    return
                self._enter(label.name)
                self._shown_up_to = label.start
            elif may_become_label(self._line):
                return
        text, self._shown_up_to = self._line[self._shown_up_to :], len(self._line)
        yield from self._show(text)

    def _end_of_line(self, line_end: str) -> Iterator[Delta]:
        line, up_to = self._line, self._shown_up_to
        label = self._label()
        self._line, self._shown_up_to = "", 0
        if self._first_line and line.strip():
            self._first_line = False
            if BARE_FENCE.match(line):
                return
        if label and not up_to:
            if self._belongs_to_the_answer(label):
                label = None
            else:
                self._enter(label.name)
                yield from self._show(line[label.start :] + line_end)
                self._fences.pass_line(label.rest)
                return
        yield from self._show(line[up_to:] + line_end)
        self._fences.pass_line(label.rest if label else line)

    def _label(self) -> LabelLine | None:
        return None if self._fences.inside else label_of(self._line)

    def _waits_for_the_end(self, label: LabelLine) -> bool:
        """Bold marks may still follow the colon, and in an answer the tool's name decides what an Action is."""
        only_marks = not label.rest.strip(" \t*_`")
        return only_marks or (self._region == "answer" and label.name in ("action", "action_input"))

    def _belongs_to_the_answer(self, label: LabelLine) -> bool:
        if self._region != "answer" or label.name not in ("action", "action_input"):
            return False
        return label.name == "action_input" or self.tools is None or self._names.find(label.rest) is None

    # --- regions

    def _enter(self, label: Name) -> None:
        region = self._region_after(label)
        if region == "thought" and self._region == "thought":
            self._blank = "\n" if self._begun else ""
        elif region != self._region:
            self._blank, self._begun = "", False
        if region == "action":
            self._action = ""
        if region == "over" and self._region != "over":
            self.decided = isinstance(parse(self.text, self.tools), Action | Finish)
        self._region = region

    def _region_after(self, label: Name) -> Region:
        if self._region in ("input", "over") or (self._region == "answer" and self._begun):
            return "over"
        if self._region == "action" and label != "action_input" and not means_no_tool(self._action):
            return "over"
        match label:
            case "thought" | "action":
                return label
            case "final_answer":
                return "answer"
            case "action_input" if self._region == "action":
                self.tool = self._names.find(first_line(self._action))
                return "input" if self.tool else "hidden"
        return "hidden"

    def _show(self, text: str) -> Iterator[Delta]:
        """Text of the current region, without white space at its ends."""
        if self._region == "action":
            self._action += text
        if self._region in ("action", "hidden", "over"):
            return
        text = self._blank + text
        kept = text.rstrip()
        self._blank = text[len(kept) :]
        if not self._begun:
            kept = self._beginning(kept)
        if kept and self._region != "hidden":
            self._begun = True
            yield Delta(self._region, kept)  # type: ignore[arg-type]

    def _beginning(self, text: str) -> str:
        if self._region == "input" and self.tool and self._names.kind(self.tool) == "code":
            return BLANK_LINES.sub("", text)
        if self._region == "thought" and OPENS_JSON.match(text):
            self._region = "hidden"
        return text.lstrip()
