"""One reply while it is being read: what the grammars have in common."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from agents.runtime.parsing.cleaning import clean
from agents.runtime.parsing.inputs import as_text, read_input
from agents.runtime.parsing.json_forms import call_in
from agents.runtime.parsing.labels import Labels, Name
from agents.runtime.parsing.results import Action, AnyResult, Finish, Retry, UnknownTool
from agents.runtime.parsing.sections import SAID, Section, split, thought_of
from agents.runtime.parsing.tool_names import ToolNames, plain
from agents.runtime.tools import InputKind

DROPPED: Mapping[Name | None, str] = {
    "observation": "hallucinated_observation",
    "intermediate_answer": "hallucinated_intermediate",
    "final_answer": "dropped_final_answer",
    "action": "dropped_extra_action",
    "command": "dropped_extra_action",
    "follow_up": "dropped_extra_action",
}
CUT_OFF = frozenset({"length", "truncated"})
BOLD = re.compile(r"(\*\*|__)(?P<inside>(?:(?!\1).)+)\1(?P<stop>[.!?]?)\Z", re.DOTALL)


class Reply(ABC):
    """Its sections are looked at in order, and the first decisive one wins; a grammar says which are."""

    ends_answer: frozenset[Name] = frozenset({"thought", "observation", "question", "final_answer"})
    final_names: frozenset[str] = frozenset()
    takes_text: bool = False  # whether every tool takes one text
    end: int | None = None  # where the first action ends in the text, if that was found out

    def __init__(
        self, text: str, labels: Labels, tools: Mapping[str, InputKind] | None, finish_reason: str | None
    ) -> None:
        self.text, self.flags = clean(text, labels)
        self.labels = labels
        self.names = ToolNames(tools)
        self.cut_off = finish_reason in CUT_OFF
        self.sections = split(self.text, labels)

    def result(self) -> AnyResult:
        if not self.text.strip():
            return self.retry("truncated" if self.cut_off else "empty", "")
        for index in range(len(self.sections)):
            if decided := self._json_first(index) or self.decides(index):
                return decided
        return self.undecided()

    @abstractmethod
    def decides(self, index: int) -> AnyResult | None:
        """What the reply means if this section decides it."""

    @abstractmethod
    def undecided(self) -> AnyResult:
        """What a reply means in which no section was decisive."""

    def thought(self, sections: list[Section]) -> str:
        return thought_of(sections)

    def _json_first(self, index: int) -> AnyResult | None:
        """A call in JSON at the start of a line, which what follows was made up from."""
        section, following = self.sections[index], self.sections[index + 1 :]
        call = call_in(section.text) if following and section.label in SAID else None
        if call is None or not (self.names_answer(call.tool) or self.names.find(call.tool)):
            return None
        self.flags.update(flag for later in following if (flag := DROPPED.get(later.label)))
        before = (*self.sections[:index], replace(section, text=section.text[: call.start]))
        return self.json_call(section.text, self.thought(list(before)))

    # --- a final answer

    def answers_again(self, index: int) -> bool:
        """An empty label that is written once more."""
        following = range(index + 1, len(self.sections))
        return not self.sections[index].text.strip() and any(
            self.sections[n].label == "final_answer" for n in following
        )

    def answer(self, index: int, begin: int = 0, said: str = "") -> AnyResult:
        """Answer with what stands behind `begin` in the section's text, after what is `said` before, and goes on."""
        following = range(index + 1, len(self.sections))
        end = next((self.sections[n].start for n in following if self.ends(n)), len(self.text))
        if any(section.label == "observation" for section in self.sections[:index]):
            self.flags.add("hallucinated_observation")
        next_start = self.sections[index + 1].start if following else len(self.text)
        answer = (self.sections[index].text[begin:] + "\n" + self.text[next_start:end]).strip()
        if end < len(self.text):
            self.flags.add("truncated_tail")
        return self.finish(answer, self.thought_before(index, said))

    def thought_before(self, index: int, said: str) -> str:
        """The thoughts before a section, and what it says itself before a label in mid-line."""
        return "\n".join(text for text in (self.thought(self.sections[:index]), said) if text)

    def ends(self, index: int) -> bool:
        """Whether an answer ends here, where the next turn begins that a model makes up."""
        return self.sections[index].label in self.ends_answer

    def finish(self, answer: str, thought: str) -> AnyResult:
        if bold := BOLD.match(answer):
            answer = bold["inside"].strip() + bold["stop"]
        if not answer:
            return self.retry("truncated" if self.cut_off else "empty_answer", thought)
        return Finish(thought, self.sorted_flags(), answer)

    # --- an action

    def names_answer(self, requested: str) -> bool:
        """Whether what is asked for as if it were a tool is to answer."""
        return self.names.means_answer(requested) or plain(requested) in self.final_names

    def call(self, requested: str, written: object, thought: str, *, last: bool) -> AnyResult:
        """Run what is requested; `last` tells that its end may have been cut off by the length limit."""
        tool = self.names.find(requested)
        if tool is None and written is None and self.cut_off and last:
            return self.retry("truncated", thought)
        if tool is None:
            return self.unknown(requested, thought)
        given = read_input("" if written is None else written, self.names.kind(tool))
        if self.cut_off and last and self.names.kind(tool) != "none":
            return self.retry("truncated", thought, tool)
        if given.code:
            return self.retry(given.code, thought, tool, given.problem)
        self.flags |= given.flags
        return Action(thought, self.sorted_flags(), tool, given.value)

    def unknown(self, requested: str, thought: str) -> AnyResult:
        return UnknownTool(thought, self.sorted_flags(), requested.strip(" \t\n`*\"'"))

    def json_call(self, text: str, thought: str) -> AnyResult | None:
        call = call_in(text)
        if call is None:
            return None
        self.flags.add("json_blob")
        thought = thought or self.thought(split(text[: call.start], self.labels))
        if self.names_answer(call.tool):
            return self.finish(as_text(self._single(call.input)).strip(), thought)
        return self.call(call.tool, self._single(call.input) if self.takes_text else call.input, thought, last=False)

    def _single(self, given: object) -> object:
        """The only value of an object: where one text is wanted its name doesn't matter."""
        if isinstance(given, Mapping) and len(given) == 1 and isinstance(value := next(iter(given.values())), str):
            self.flags.add("json_unwrapped")
            return value
        return given

    # --- neither

    def retry(self, code: str, thought: str, tool: str | None = None, problem: str = "") -> Retry:
        return Retry(thought, self.sorted_flags(), code, tool, problem)

    def sorted_flags(self) -> tuple[str, ...]:
        for section in self.sections[:1]:
            if section.label == "observation":
                self.flags.add("hallucinated_observation")
        return tuple(sorted(self.flags))
