"""The regions of a reply that is being written, and what of their text can be shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from agents.runtime.parsing.tool_names import ToolNames
from agents.runtime.tools import InputKind

Shown = Literal["reasoning", "thought", "input", "answer"]
Region = Literal["thought", "action", "input", "answer", "hidden", "over"]
OPENS_JSON = re.compile(r"\s*(?:[\[{]|```json)")
MOST_OF_ACTION = 1000  # characters; a tool's name is far shorter
BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text that can be shown, and where it belongs."""

    kind: Shown
    text: str


class Regions:
    """One region is open at a time; `action` is what was written behind the last label of an action.

    `tool` is set as soon as the reply has named one that exists.
    """

    def __init__(self, tools: Mapping[str, InputKind] | None) -> None:
        self.tools = tools
        self.names = ToolNames(tools)
        self.tool: str | None = None
        self.region: Region = "thought"
        self.begun = False
        self.action = ""
        self._blank: list[str] = []

    def open(self, region: Region) -> None:
        """What is shown from here on belongs there."""
        if region == "thought" and self.region == "thought":
            self._blank = ["\n"] if self.begun else []
        elif region != self.region:
            self._blank, self.begun = [], False
        if region == "action":
            self.action = ""
        self.region = region

    def show(self, text: str) -> Iterator[Delta]:
        """Text of the current region, without white space at its ends."""
        if self.region == "action" and len(self.action) < MOST_OF_ACTION:
            self.action += text
        if self.region in ("action", "hidden", "over"):
            return
        kept = text.rstrip()
        if kept:
            blank, self._blank = "".join(self._blank), [text[len(kept) :]]
            kept = blank + kept
            yield from self._delta(kept if self.begun else self._beginning(kept))
        else:
            self._blank.append(text)

    def opens_hidden(self, text: str) -> bool:
        """Whether a region begins with a call in JSON, which is nothing to read."""
        return self.region == "thought" and bool(OPENS_JSON.match(text))

    def _delta(self, text: str) -> Iterator[Delta]:
        if text and self.region in ("thought", "input", "answer"):
            self.begun = True
            yield Delta(self.region, text)

    def _beginning(self, text: str) -> str:
        if self.region == "input" and self.tool and self.names.kind(self.tool) == "code":
            return BLANK_LINES.sub("", text)
        if self.opens_hidden(text):
            self.region = "hidden"
        return text.lstrip()
