"""The protocol of `self-ask-with-search`: Follow up and Intermediate answer in turn, then So the final answer is.

After Self-ask (arXiv 2210.03350). A follow-up question is all of its line, colons included.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product

from agents.runtime.parsing.labels import Labels, Name
from agents.runtime.parsing.reply import Reply
from agents.runtime.parsing.reply_grammar import ReplyGrammar
from agents.runtime.parsing.results import AnyResult
from agents.runtime.parsing.sections import SAID, Section
from agents.runtime.parsing.self_ask_incremental import SelfAskIncremental
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind

TOOL = "Intermediate Answer"
LABELS = Labels(
    {
        "follow_up_needed": r"are follow[ -]?up questions needed(?: here)?",
        "follow_up": r"follow[ -]?ups?(?: questions?)?|(?:action|tool)[ _]?input",
        "intermediate_answer": r"intermediate[ _]?answer",
        "final_answer": r"(?:so,? )?(?:the )?final[ _]?answer(?: is)?",
        "action": r"action|tool",
        "thought": r"thought",
        "observation": r"observation",
        "question": r"question",
    },
    (
        *("are follow up questions needed here", "are followup questions needed here"),
        *("follow up questions", "followup questions", "follow ups questions", "followups questions"),
        *("intermediate answer", "intermediateanswer", "action input", "actioninput", "tool input", "toolinput"),
        *("thought", "observation", "question"),
        *(
            "".join(parts) + " is"
            for parts in product(("", "so ", "so, "), ("", "the "), ("final answer", "finalanswer"))
        ),
    ),
)
INLINE = re.compile(
    r"(?P<follow_up>\bfollow[ -]?up(?: question)?\s*+[:：])"
    r"|\b(?:so,?\s)?(?:the\s)?final\sanswer(?:\sis\b\s*+[:：]?|\s*+[:：])"
    r"|\bso,?\sthe\sanswer\sis\b\s*+[:：]?|^answer\s*+[:：]",
    re.IGNORECASE | re.MULTILINE,
)
ANSWER_IN_LINE = re.compile(r"\bintermediate[ _]?answer\s*+[:：]", re.IGNORECASE)
YES = re.compile(r"\W*yes\b", re.IGNORECASE)
DROPPED: dict[Name | None, str] = {
    "intermediate_answer": "hallucinated_intermediate",
    "observation": "hallucinated_observation",
    "final_answer": "dropped_final_answer",
    "follow_up": "dropped_extra_action",
}


class SelfAskReply(Reply):
    takes_text = True
    ends_answer = Reply.ends_answer | {"follow_up", "follow_up_needed", "intermediate_answer", "action"}

    def decides(self, index: int) -> AnyResult | None:
        section = self.sections[index]
        if section.label == "follow_up" and (section.text.strip() or not self._asks_again(index)):
            return self._ask(index)
        if section.label == "intermediate_answer":
            if first_line(section.text).rstrip().endswith("?"):
                self.flags.add("missing_label")
                return self._ask(index)
            self.flags.add("hallucinated_intermediate")
        if section.label == "final_answer" and not self.answers_again(index):
            return self.answer(index)
        return None

    def undecided(self) -> AnyResult:
        return self.json_call(self.text, "") or self._inline() or self._unusable()

    # --- a question

    def _asks_again(self, index: int) -> bool:
        return index + 1 < len(self.sections) and self.sections[index + 1].label == "follow_up"

    def _ask(self, index: int) -> AnyResult:
        section, after = self.sections[index], range(index + 1, len(self.sections))
        begin, end = self._question(section)
        section_end = self.sections[index + 1].start if after else len(self.text)
        behind = self.text[end:section_end].strip(" \t\n*_`")
        if behind:
            self.flags.add("hallucinated_intermediate" if ANSWER_IN_LINE.match(behind) else "trailing_text")
        self.flags.update(flag for n in after if (flag := DROPPED.get(self.sections[n].label)))
        self.end = end
        return self.call(TOOL, self.text[begin:end], self.thought(self.sections[:index]), last=not behind and not after)

    def _question(self, section: Section) -> tuple[int, int]:
        """Where the first line behind a label that says something begins and ends, without an answer that follows."""
        begin = section.begin + len(section.text) - len(section.text.lstrip())
        end = begin + len(first_line(section.text[begin - section.begin :]))
        answer = ANSWER_IN_LINE.search(self.text, begin, end)
        return begin, answer.start() if answer else end

    # --- other forms, and none

    def _inline(self) -> AnyResult | None:
        """In mid-line a label counts only because nothing was decided at the start of a line."""
        index, label = next(self._labels_in_line(), (0, None))
        if label is None:
            return None
        section = self.sections[index]
        self.flags.add("inline_label")
        before = self.thought(self.sections[:index])
        said = section.text[: label.start()].strip().rstrip(",;")
        thought = "\n".join(text for text in (before, said) if text)
        if not label["follow_up"]:
            return self.finish(section.text[label.end() :].strip(), thought)
        last = index + 1 == len(self.sections)
        return self.call(TOOL, first_line(section.text[label.end() :]), thought, last=last)

    def _labels_in_line(self) -> Iterator[tuple[int, re.Match[str]]]:
        for index, section in enumerate(self.sections):
            if section.label in SAID and (label := INLINE.search(section.text)):
                yield index, label

    def _unusable(self) -> AnyResult:
        thought = self.thought(self.sections)
        if self.cut_off:
            return self.retry("truncated", thought)
        return self.retry("missing_follow_up" if YES.match(thought) else "no_label", thought)


class Grammar(ReplyGrammar):
    name = "self-ask-with-search"
    stop = ("\nIntermediate answer:",)
    observation = "Intermediate answer: "
    labels = LABELS
    reply = SelfAskReply

    def incremental(self, tools: Mapping[str, InputKind] | None = None) -> SelfAskIncremental:
        return SelfAskIncremental(self.parse, self.labels, tools, tool=TOOL)


parse = Grammar().parse
