"""Replies of a conversation with tools while they are being written."""

from collections.abc import Iterator, Mapping

from agents.runtime.parsing.incremental import Parse
from agents.runtime.parsing.labels import LabelLine
from agents.runtime.parsing.react_incremental import ReactIncremental
from agents.runtime.parsing.regions import OPENS_JSON, Delta, Region
from agents.runtime.parsing.tool_names import means_no_tool
from agents.runtime.parsing.tool_question import ConversationLabels
from agents.runtime.tools import InputKind

ASKED = ("tool_needed", "no_tool_needed", "no_tool_because")


class ConversationalIncremental(ReactIncremental):
    """Text without a label is shown as the answer until it turns out to be a thought. The question isn't shown."""

    def __init__(self, parse: Parse, labels: ConversationLabels, tools: Mapping[str, InputKind] | None = None) -> None:
        super().__init__(parse, labels, tools)
        self._conversation = labels
        self._plain = True
        self._asked = False
        self._explains = False
        self.region = "answer"

    def label_in(self, line: str) -> LabelLine | None:
        label = super().label_in(line)
        asked = self._conversation.question_in(line)
        return asked if asked and (label is None or label.name == "thought") else label

    def may_change(self, label: LabelLine) -> bool:
        if label.name in ASKED:
            return super().may_change(label) or self.labels.may_begin(label.rest)
        return super().may_change(label) or (label.name == "thought" and self._conversation.may_be_asking(label.rest))

    def is_text(self, label: LabelLine) -> bool:
        """In plain text an action that names no tool is a line of it."""
        return (self.begun or not self._plain) and not means_no_tool(label.rest) and super().is_text(label)

    def region_after(self, label: LabelLine) -> Region:
        was_plain, self._plain = self._plain and self.region == "answer", False
        self._explains = False
        if label.name == "human" and (self._asked or (was_plain and self.begun)):
            return "over"
        if was_plain:
            self.region = "thought"
        if self.region == "thought" and label.name in ASKED:
            return self._after_question(label)
        return super().region_after(label)

    def _after_question(self, label: LabelLine) -> Region:
        """A reason may follow on the line; what follows below it is a reply."""
        self._asked = True
        self._plain = label.name == "no_tool_needed"
        self._explains = label.name == "no_tool_because"
        return "answer" if self._plain else "thought"

    def show(self, text: str) -> Iterator[Delta]:
        if self._explains:
            text, line_end, rest = text.partition("\n")
            yield from super().show(text)
            if not line_end:
                return
            self._explains, self._plain = False, True
            self.open("answer")
            text = rest
        yield from super().show(text)

    def opens_hidden(self, text: str) -> bool:
        return super().opens_hidden(text) or (self._plain and bool(OPENS_JSON.match(text)))
