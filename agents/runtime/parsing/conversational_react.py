"""The protocol of `conversational-react-description`: is a tool needed, then an action or the assistant's reply.

A reply in plain text is the answer: people are talking, and nobody should meet a parser's complaint about “Hello!”.
"""

from collections.abc import Mapping

from agents.runtime.parsing import zero_shot_react
from agents.runtime.parsing.conversational_incremental import ConversationalIncremental
from agents.runtime.parsing.json_forms import call_in
from agents.runtime.parsing.labels import Labels
from agents.runtime.parsing.results import AnyResult
from agents.runtime.parsing.sections import Section, split, thought_of
from agents.runtime.parsing.tool_names import means_no_tool
from agents.runtime.parsing.tool_question import QUESTION, ConversationLabels, goes_on, says_no, spoken
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind


class ConversationalReply(zero_shot_react.ReactReply):
    ends_answer = zero_shot_react.ReactReply.ends_answer | {"human"}

    def __init__(
        self, text: str, labels: Labels, tools: Mapping[str, InputKind] | None, finish_reason: str | None
    ) -> None:
        super().__init__(text, labels, tools, finish_reason)
        # What the person said, said again at the beginning, is no turn that is made up.
        human = (n for n, section in enumerate(self.sections) if n and section.label == "human")
        self.own = next(human, len(self.sections))
        own = self.sections[self.own].start if self.own < len(self.sections) else len(self.text)
        self.asked = QUESTION.search(self.text, 0, own)
        self.reply_begins = self._reply_begins()

    def thought(self, sections: list[Section]) -> str:
        return QUESTION.sub("", thought_of(sections)).strip()

    def decides(self, index: int) -> AnyResult | None:
        """A turn of the person that is made up ends a reply in plain text, and what the tool question began."""
        if index == self.own:
            said = self._plain_text(index) or self._behind_no_tool()
            return said or (self._unanswered() if self.asked else None)
        return None if self._is_line_of_reply(index) else super().decides(index)

    def undecided(self) -> AnyResult:
        if self._calls_in_json() and (call := self.json_call(self.text, "")):
            return call
        if self.sections and self.sections[0].label and (answer := self.inline_answer()):
            return answer
        if any(section.label == "action_input" for section in self.sections):
            return self._behind_no_tool() or self.unusable()
        return self._plain_text(self.own) or self._behind_no_tool() or self._unanswered()

    def _calls_in_json(self) -> bool:
        """An object that names no tool of ours is something that is shown to the person."""
        call = call_in(self.text)
        return call is not None and (self.names_answer(call.tool) or self.names.find(call.tool) is not None)

    # --- plain text

    def _reply_begins(self) -> int:
        """Where the person is spoken to without a label, if the model didn't want a tool; else the end of the text."""
        begin = self.asked.end() if self.asked else 0
        if self.asked and not says_no(self.asked):
            return len(self.text)
        if not self.asked and (not self.sections or self.sections[0].label):
            return len(self.text)
        if self.asked and goes_on(self.asked):
            line_end = self.text.find("\n", begin)
            begin = line_end if line_end >= 0 else len(self.text)
        return len(self.text) - len(self.text[begin:].lstrip())

    def _is_line_of_reply(self, index: int) -> bool:
        """An action that names no tool, within plain text: “Tool: a whisk”."""
        section = self.sections[index]
        if section.label != "action" or section.start <= self.reply_begins:
            return False
        has_input = index + 1 < len(self.sections) and self.sections[index + 1].label == "action_input"
        named = first_line(section.text)
        return not has_input and not means_no_tool(named) and self.names.find(named) is None

    def _plain_text(self, end: int) -> AnyResult | None:
        """What is said without a label before the section `end`."""
        following = [n for n in range(1, end) if self.sections[n].start >= self.reply_begins and self._ends_reply(n)]
        end = following[0] if following else end
        stop = self.sections[end].start if end < len(self.sections) else len(self.text)
        text = self.text[self.reply_begins : stop].strip()
        if not text:
            return None
        if end < len(self.sections):
            self.flags.add("truncated_tail")
        return self._as_plain(text, self._before_reply())

    def _ends_reply(self, index: int) -> bool:
        return self.sections[index].label in ("thought", "observation") or (
            self.sections[index].label == "action" and not self._is_line_of_reply(index)
        )

    def _before_reply(self) -> str:
        return self.thought(split(self.text[: self.reply_begins], self.labels)) if self.asked else ""

    def _behind_no_tool(self) -> AnyResult | None:
        """A reply below “Action: None”."""
        at = next((n for n, s in enumerate(self.sections) if s.label in ("action", "action_input")), len(self.sections))
        if at == len(self.sections) or self.sections[at].label == "action_input":
            return None
        below = [section.text.strip().partition("\n")[2].strip() for section in self.sections[at : self.own]]
        text = "\n".join(text for text in below if text)
        return self._as_plain(text, self.thought(self.sections[:at])) if text else None

    def _as_plain(self, text: str, thought: str) -> AnyResult:
        self.flags.add("plain_text")
        return self.finish(text, thought)

    def _unanswered(self) -> AnyResult:
        if self.cut_off or self.asked is None:
            return self.unusable()
        return self.retry("empty_answer" if says_no(self.asked) else "missing_action", self.thought(self.sections))


class Grammar(zero_shot_react.Grammar):
    """The prefixes are names that stand before what the assistant and the person say, at line starts only."""

    name = "conversational-react-description"
    labels: ConversationLabels
    reply = ConversationalReply

    def __init__(self, *, ai_prefix: str = "AI", human_prefix: str = "Human") -> None:
        self.labels = ConversationLabels(ai_prefix=ai_prefix, human_prefix=human_prefix)
        human = spoken(human_prefix)
        self.stop = ("\nObservation:", *([f"\n{human}:"] if human else []))

    def incremental(self, tools: Mapping[str, InputKind] | None = None) -> ConversationalIncremental:
        return ConversationalIncremental(self.parse, self.labels, tools)

    def before_actions(self, text: str) -> str:
        return QUESTION.sub("", super().before_actions(text)).strip()


parse = Grammar().parse
