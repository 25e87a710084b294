"""The protocol of `zero-shot-react-description`: Thought, Action, Action Input … or Final Answer.

The first decisive label wins. After an action everything is dropped, as a model that goes on invents an observation
and answers from it; a final answer runs to the end, but not into the next turn that the model makes up.
"""

import re
from collections.abc import Mapping

from agents.runtime.parsing.cleaning import clean
from agents.runtime.parsing.inputs import as_text, read_input
from agents.runtime.parsing.json_forms import call_in
from agents.runtime.parsing.results import Action, AnyResult, Finish, Retry, UnknownTool
from agents.runtime.parsing.sections import Section, split, thought_of
from agents.runtime.parsing.tool_names import ToolNames, means_no_tool
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind

CUT_OFF = frozenset({"length", "truncated"})
ENDS_ANSWER = frozenset({"thought", "observation", "question", "final_answer"})
DROPPED = {
    "observation": "hallucinated_observation",
    "final_answer": "dropped_final_answer",
    "action": "dropped_extra_action",
}
INLINE_ANSWER = re.compile(r"(?:\*\*|__)?\bfinal[ _]?answer(?:\*\*|__)?\s*[:：](?:\*\*|__)?", re.IGNORECASE)
INPUT_IN_LINE = re.compile(r"(?<=\s)(?:action|tool)[ _]?input\s*+[:：]", re.IGNORECASE)
INLINE_INPUT = re.compile(r"(?P<tool>[^\[\](){}]++)(?:\[(?P<square>.*)\]|\((?P<round>.*)\))\.?\Z", re.DOTALL)
BOLD = re.compile(r"(\*\*|__)(?P<inside>(?:(?!\1).)+)\1\Z", re.DOTALL)


def parse(text: str, tools: Mapping[str, InputKind] | None = None, finish_reason: str | None = None) -> AnyResult:
    return _Reply(text, ToolNames(tools), finish_reason in CUT_OFF).result()


class _Reply:
    """One reply while it is being read."""

    def __init__(self, text: str, names: ToolNames, cut_off: bool) -> None:
        self.text, self.flags = clean(text)
        self.names = names
        self.cut_off = cut_off
        self.sections = split(self.text)

    def result(self) -> AnyResult:
        if not self.text.strip():
            return self._retry("truncated" if self.cut_off else "empty", "")
        for index, section in enumerate(self.sections):
            if section.label == "action" and not means_no_tool(first_line(section.text)):
                return self._action(index)
            if section.label == "final_answer" and not self._answers_again(index):
                return self._answer(index)
        return self._json_call(self.text, "") or self._inline_answer() or self._undecided()

    # --- a final answer

    def _answers_again(self, index: int) -> bool:
        """An empty label that is written once more."""
        empty = not self.sections[index].text.strip()
        return empty and any(section.label == "final_answer" for section in self.sections[index + 1 :])

    def _answer(self, index: int) -> AnyResult:
        end = next((s.start for s in self.sections[index + 1 :] if self._ends_answer(s)), len(self.text))
        first = self.sections[index]
        begins = self.text.index("\n", first.start) if "\n" in self.text[first.start :] else len(self.text)
        rest_of_line = first.text.split("\n", 1)[0]
        answer = (rest_of_line + self.text[begins : max(end, begins)]).strip()
        if end < len(self.text):
            self.flags.add("truncated_tail")
        return self._finish(answer, thought_of(self.sections[:index]))

    def _ends_answer(self, section: Section) -> bool:
        """The next turn that a model makes up. An action that names no tool is a line of the answer."""
        if section.label == "action" and self.names.kinds is not None:
            return self.names.find(first_line(section.text)) is not None
        following = next((s for s in self.sections if s.start > section.start), None)
        if section.label == "action":
            return following is not None and following.label == "action_input"
        return section.label in ENDS_ANSWER

    def _finish(self, answer: str, thought: str) -> AnyResult:
        if bold := BOLD.match(answer):
            answer = bold["inside"].strip()
        if not answer:
            return self._retry("truncated" if self.cut_off else "empty_answer", thought)
        return Finish(thought, self._sorted_flags(), answer)

    # --- an action

    def _action(self, index: int) -> AnyResult:
        text, thought = self.sections[index].text, thought_of(self.sections[:index])
        following = self.sections[index + 1] if index + 1 < len(self.sections) else None
        labelled = following.text if following and following.label == "action_input" else None
        after = self.sections[index + (1 if labelled is None else 2) :]
        self.flags.update(flag for section in after if (flag := DROPPED.get(section.label or "")))
        if call := self._json_call(text, thought):
            return call
        requested, written = self._one_line(text, labelled)
        return self._call(requested, written, thought, last=not after)

    def _one_line(self, text: str, labelled: str | None) -> tuple[str, str | None]:
        """The tool's name and its input, also where both stand behind one label."""
        text = text.strip()
        if labelled is None and (label := INPUT_IN_LINE.search(text)):
            self.flags.add("same_line")
            return text[: label.start()].rstrip(), text[label.end() :].lstrip()
        inline = INLINE_INPUT.match(text)
        if labelled is None and inline and self.names.find(inline["tool"]):
            self.flags.add("inline_input")
            return inline["tool"], inline["square"] if inline["round"] is None else inline["round"]
        return first_line(text), labelled

    def _call(self, requested: str, written: object, thought: str, *, last: bool) -> AnyResult:
        tool = self.names.find(requested)
        if tool is None:
            return UnknownTool(thought, self._sorted_flags(), requested.strip(" \t\n`*\"'"))
        given = read_input("" if written is None else written, self.names.kind(tool))
        if self.cut_off and last and self.names.kind(tool) != "none":
            return self._retry("truncated", thought, tool)
        if given.code:
            return self._retry(given.code, thought, tool, given.problem)
        self.flags |= given.flags
        return Action(thought, self._sorted_flags(), tool, given.value)

    # --- other forms, and none

    def _json_call(self, text: str, thought: str) -> AnyResult | None:
        call = call_in(text)
        if call is None:
            return None
        self.flags.add("json_blob")
        thought = thought or thought_of(split(text[: call.start]))
        if re.sub(r"[\s_]", "", call.tool).lower() == "finalanswer":
            return self._finish(as_text(call.input).strip(), thought)
        return self._call(call.tool, call.input, thought, last=False)

    def _inline_answer(self) -> AnyResult | None:
        """In mid-line the label counts only because nothing was decided at the start of a line."""
        label = INLINE_ANSWER.search(self.text)
        if label is None:
            return None
        self.flags.add("inline_label")
        return self._finish(self.text[label.end() :].strip(), thought_of(split(self.text[: label.start()])))

    def _undecided(self) -> AnyResult:
        thought, labels = thought_of(self.sections), {section.label for section in self.sections}
        if self.cut_off:
            return self._retry("truncated", thought)
        if "action" in labels:
            return self._retry("no_action", thought)
        return self._retry("missing_action" if "action_input" in labels else "no_label", thought)

    def _retry(self, code: str, thought: str, tool: str | None = None, problem: str = "") -> Retry:
        return Retry(thought, self._sorted_flags(), code, tool, problem)

    def _sorted_flags(self) -> tuple[str, ...]:
        for section in self.sections[:1]:
            if section.label == "observation":
                self.flags.add("hallucinated_observation")
        return tuple(sorted(self.flags))
