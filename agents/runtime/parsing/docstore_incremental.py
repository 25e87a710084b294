"""Replies with Search[…], Lookup[…] or Finish[…] while they are being written."""

from collections.abc import Iterator

from agents.runtime.parsing.commands import BRACKETS, OPENED, Brackets, name_of
from agents.runtime.parsing.incremental import Incremental
from agents.runtime.parsing.labels import LabelLine
from agents.runtime.parsing.regions import MOST_OF_ACTION, Delta, Region
from agents.runtime.parsing.tool_names import DECORATION, means_no_tool
from agents.runtime.text import first_line


class DocstoreIncremental(Incremental):
    """The meaning is decided by the bracket that closes the argument."""

    _brackets: Brackets | None = None
    _one_line = False
    _closes = False

    def label_in(self, line: str) -> LabelLine | None:
        """A command without a label counts where a thought is told, and behind an empty label."""
        label = super().label_in(line)
        if label and label.name == "command" and not self._takes_command():
            return None
        return label

    def _takes_command(self) -> bool:
        return self.region == "thought" or (self.region == "action" and not self.action.strip(DECORATION))

    def is_text(self, label: LabelLine) -> bool:
        return self.region == "answer" and not self._closes and label.name == "action_input"

    def region_after(self, label: LabelLine) -> Region:
        if (
            self._closes
            and label.name == "action_input"
            and not (self.begun or self._brackets or self.region == "over")
        ):
            self._one_line = False
            return self.region
        if self._closes or self.region in ("input", "over") or (self.region == "answer" and self.begun):
            return "over"
        if self.region == "action" and self.action.strip(DECORATION) and not means_no_tool(first_line(self.action)):
            return self._region_of_labelled(label)
        match label.name:
            case "thought":
                return "thought"
            case "action" | "command":
                return "action"
            case "final_answer":
                return "answer"
        return "hidden"

    def _region_of_labelled(self, label: LabelLine) -> Region:
        name = name_of(first_line(self.action))
        if not name or not (label.name == "action_input" or (label.name, name) == ("final_answer", "Finish")):
            return "over"
        self._closes = True
        return self._region_of(name)

    def _region_of(self, name: str) -> Region:
        if name == "Finish":
            return "answer"
        self.tool = self.names.find(name)
        return "input" if self.tool else "hidden"

    def show(self, text: str) -> Iterator[Delta]:
        if self.region == "action":
            text = self._argument(text)
        end = self._end_in(text)
        if end is None:
            yield from super().show(text)
        else:
            yield from super().show(text[:end])
            self.end()

    def _argument(self, text: str) -> str:
        """What there is of a command's argument as soon as its first character has come."""
        if len(self.action) < MOST_OF_ACTION:
            self.action += text
        opened = OPENED.match(self.action, 0, MOST_OF_ACTION)
        name = name_of(opened["name"]) if opened else None
        if opened is None or name is None:
            return ""
        self._closes = True
        if opened["opening"] in BRACKETS:
            self._brackets = Brackets(opened["opening"])
        else:
            self._one_line = name != "Finish"
        rest = self.action[opened.end() :]
        self.open(self._region_of(name))
        return rest

    def _end_in(self, text: str) -> int | None:
        """Where the argument ends in this piece of it."""
        if self.region not in ("input", "answer", "hidden"):
            return None
        if self._brackets:
            return self._brackets.closing_in(text)
        if not self._one_line:
            return None
        begins = 0 if self.begun else len(text) - len(text.lstrip())
        end = text.find("\n", begins)
        return None if end < 0 else end
