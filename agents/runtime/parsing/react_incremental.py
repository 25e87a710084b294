"""Replies with Action and Action Input, or Final Answer, while they are being written."""

from agents.runtime.parsing.incremental import Incremental
from agents.runtime.parsing.labels import LabelLine
from agents.runtime.parsing.regions import Region
from agents.runtime.parsing.tool_names import names_nothing
from agents.runtime.text import first_line


class ReactIncremental(Incremental):
    """In an answer the tool's name decides what an Action is, so its line waits for the end."""

    def is_text(self, label: LabelLine) -> bool:
        if self.region != "answer" or label.name not in ("action", "action_input"):
            return False
        return label.name == "action_input" or self.tools is None or self.names.find(label.rest) is None

    def may_change(self, label: LabelLine) -> bool:
        in_answer = self.region == "answer" and label.name in ("action", "action_input")
        return super().may_change(label) or in_answer

    def region_after(self, label: LabelLine) -> Region:
        if self.region in ("input", "over") or (self.region == "answer" and self.begun):
            return "over"
        answers = self.region == "action" and self.names.means_answer(self.action)
        if self.region == "action" and label.name != "action_input" and not names_nothing(self.action) and not answers:
            return "over"
        match label.name:
            case "thought" | "action":
                return label.name
            case "final_answer":
                return "answer"
            case "action_input" if answers:
                return "answer"
            case "action_input" if self.region == "action":
                self.tool = self.names.find(first_line(self.action))
                return "input" if self.tool else "hidden"
        return "hidden"
