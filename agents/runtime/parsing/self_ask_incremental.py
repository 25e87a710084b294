"""Replies with Follow up, or So the final answer is, while they are being written."""

from collections.abc import Iterator, Mapping

from agents.runtime.parsing.incremental import Incremental, Parse
from agents.runtime.parsing.labels import LabelLine, Labels
from agents.runtime.parsing.regions import Delta, Region
from agents.runtime.tools import InputKind


class SelfAskIncremental(Incremental):
    """The meaning is decided where the question's line ends. There is one tool to be asked."""

    def __init__(
        self, parse: Parse, labels: Labels, tools: Mapping[str, InputKind] | None = None, *, tool: str
    ) -> None:
        super().__init__(parse, labels, tools)
        self._only_tool = self.names.find(tool)

    def region_after(self, label: LabelLine) -> Region:
        if self.region == "over" or (self.region in ("input", "answer") and self.begun):
            return "over"
        match label.name:
            case "thought" | "follow_up_needed":
                return "thought"
            case "follow_up":
                self.tool = self._only_tool
                return "input" if self.tool else "hidden"
            case "final_answer":
                return "answer"
        return "hidden"

    def show(self, text: str) -> Iterator[Delta]:
        if self.region != "input":
            yield from super().show(text)
            return
        line, line_end, _ = (text if self.begun else text.lstrip()).partition("\n")
        yield from super().show(line)
        if line_end:
            self.end()
