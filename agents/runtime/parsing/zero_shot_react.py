"""The protocol of `zero-shot-react-description`: Thought, Action, Action Input … or Final Answer.

The first decisive label wins. After an action everything is dropped, as a model that goes on invents an observation
and answers from it; a final answer runs to the end, but not into the next turn that the model makes up.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from agents.runtime.parsing.cut import INVENTED, before_actions, up_to_action
from agents.runtime.parsing.inputs import KEYWORD
from agents.runtime.parsing.labels import REACT, without_fences
from agents.runtime.parsing.react_incremental import ReactIncremental
from agents.runtime.parsing.reply import DROPPED, Reply
from agents.runtime.parsing.reply_grammar import ReplyGrammar
from agents.runtime.parsing.results import AnyResult
from agents.runtime.parsing.sections import Section
from agents.runtime.parsing.tool_names import names_nothing
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind

INLINE_ANSWER = re.compile(r"(?:\*\*|__)?\bfinal[ _]?answer(?:\*\*|__)?\s*[:：](?:\*\*|__)?", re.IGNORECASE)
INPUT_IN_LINE = re.compile(r"(?<=\s)(?:action|tool)[ _]?input\s*+[:：]", re.IGNORECASE)
NAMED = re.compile(r"([^\n:：\[(]*+)(?:[:：]\s*+)?")
INLINE_INPUT = re.compile(r"(?P<tool>[^\[\](){}]++)(?:\[(?P<square>.*)\]|\((?P<round>.*)\))\.?\Z", re.DOTALL)


def _named(text: str) -> re.Match[str]:
    return NAMED.match(text)  # type: ignore[return-value]


def _between(inline: re.Match[str]) -> str:
    return inline["square"] if inline["round"] is None else inline["round"]


class ReactReply(Reply):
    """A reply with Action and Action Input on lines of their own, or in one of the forms that models write instead."""

    def decides(self, index: int) -> AnyResult | None:
        section = self.sections[index]
        if section.label == "action" and not names_nothing(first_line(section.text)):
            return self._answer_as_tool(index) if self._asks_to_answer(section) else self._action(index)
        if section.label == "final_answer" and not self.answers_again(index):
            return self.answer(index)
        return None

    def undecided(self) -> AnyResult:
        return self.json_call(self.text, "") or self.inline_answer() or self.unusable()

    def ends(self, index: int) -> bool:
        """An action that names no tool is a line of the answer."""
        section = self.sections[index]
        if section.label == "action" and self.names.kinds is not None:
            return self.names.find(first_line(section.text)) is not None
        if section.label == "action":
            return index + 1 < len(self.sections) and self.sections[index + 1].label == "action_input"
        return super().ends(index)

    # --- an action

    def _asks_to_answer(self, section: Section) -> bool:
        return self.names_answer(_named(section.text)[1])

    def _answer_as_tool(self, index: int) -> AnyResult | None:
        """The answer where it is the input of a tool by the name of Final Answer; the label below may give it, too."""
        text, following = self.sections[index].text, self.sections[index + 1 : index + 2]
        if inline := INLINE_INPUT.match(text.strip()):
            return self.finish(_between(inline).strip(), self.thought(self.sections[:index]))
        begin = _named(text).end()
        if not text[begin:].strip() and following and following[0].label == "final_answer":
            return None
        if not text[begin:].strip() and following and following[0].label == "action_input":
            return self.answer(index + 1)
        return self.answer(index, begin)

    def _action(self, index: int) -> AnyResult:
        text, thought = self.sections[index].text, self.thought(self.sections[:index])
        following = self.sections[index + 1] if index + 1 < len(self.sections) else None
        labelled = following.text if following and following.label == "action_input" else None
        after = self.sections[index + (1 if labelled is None else 2) :]
        self.flags.update(flag for section in after if (flag := DROPPED.get(section.label)))
        if call := self.json_call(text, thought):
            return call
        requested, written = self._one_line(text, labelled)
        return self.call(requested, written, thought, last=not after)

    def _one_line(self, text: str, labelled: str | None) -> tuple[str, str | None]:
        """The tool's name and its input, also where both stand behind one label."""
        text = text.strip()
        if labelled is None and (label := INPUT_IN_LINE.search(text)):
            self.flags.add("same_line")
            return text[: label.start()].rstrip(), text[label.end() :].lstrip()
        inline = None if text in (self.names.kinds or ()) else INLINE_INPUT.match(text)
        if labelled is None and inline and self.names.find(inline["tool"]):
            self.flags.add("inline_input")
            return inline["tool"], self._argument(inline)
        return first_line(text), labelled

    def _argument(self, inline: re.Match[str]) -> str:
        """What stands between the brackets; a text needs no keyword, as in Search(query="…")."""
        inside = _between(inline)
        takes_text = self.names.kind(self.names.find(inline["tool"]) or "") == "text"
        return KEYWORD.sub("", inside) if takes_text else inside

    # --- other forms, and none

    def inline_answer(self) -> AnyResult | None:
        """In mid-line the label counts only because nothing was decided at the start of a line."""
        for index, section in enumerate(self.sections):
            label = None if section.label in INVENTED else INLINE_ANSWER.search(without_fences(section.text))
            if label:
                self.flags.add("inline_label")
                said = replace(section, text=section.text[: label.start()])
                return self.answer(index, label.end(), self.thought([said]))
        return None

    def unusable(self) -> AnyResult:
        thought, labels = self.thought(self.sections), {section.label for section in self.sections}
        if self.cut_off:
            return self.retry("truncated", thought)
        if any(section.label == "action" and section.text.strip() for section in self.sections):
            return self.retry("no_action", thought)
        return self.retry("missing_action" if "action_input" in labels else "no_label", thought)


class Grammar(ReplyGrammar):
    name = "zero-shot-react-description"
    stop: tuple[str, ...] = ("\nObservation:",)
    labels = REACT
    reply = ReactReply

    def incremental(self, tools: Mapping[str, InputKind] | None = None) -> ReactIncremental:
        return ReactIncremental(self.parse, self.labels, tools)

    def up_to_action(self, text: str) -> str:
        return up_to_action(text, self.labels)

    def before_actions(self, text: str) -> str:
        return before_actions(text, self.labels)


parse = Grammar().parse
