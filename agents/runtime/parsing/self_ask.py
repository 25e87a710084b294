"""The protocol of `self-ask-with-search`: Follow up and Intermediate answer in turn, then So the final answer is.

After Self-ask (arXiv 2210.03350). A follow-up question is all of its line, colons included.
"""

import re
from collections.abc import Mapping
from itertools import product

from agents.runtime.parsing.labels import Labels, without_fences
from agents.runtime.parsing.reply import DROPPED, Reply
from agents.runtime.parsing.reply_grammar import ReplyGrammar
from agents.runtime.parsing.results import AnyResult
from agents.runtime.parsing.sections import SAID
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
NOTHING_TO_ASK = re.compile(
    r"\W*(?:none|nothing|n/?a|no(?: (?:more|further|other|additional))?(?: follow[ -]?ups?)?(?: questions?)?)"
    r"(?: (?:is |are )?(?:needed|required|necessary))?\W*\Z",
    re.IGNORECASE,
)
YES = re.compile(r"\W*yes\b", re.IGNORECASE)


class SelfAskReply(Reply):
    takes_text = True
    ends_answer = Reply.ends_answer | {"follow_up", "follow_up_needed", "intermediate_answer", "action"}

    def decides(self, index: int) -> AnyResult | None:
        section = self.sections[index]
        if (label := self._label_in_line(index)) and self._is_asked(index, label):
            return self._ask_in_line(index, label)
        if self._asks(index):
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

    def _asks(self, index: int) -> bool:
        """Whether a question stands here. An empty label may be written once more, and “None needed.” asks nothing."""
        section, following = self.sections[index], self.sections[index + 1 : index + 2]
        if section.label != "follow_up" or NOTHING_TO_ASK.match(section.text):
            return False
        return bool(section.text.strip()) or not following or following[0].label != "follow_up"

    def _ask(self, index: int, begin: int = 0, said: str = "") -> AnyResult:
        """Ask what stands behind the label that ends at `begin` in the section's text, after what is `said` before."""
        section, after = self.sections[index], range(index + 1, len(self.sections))
        question = self._question(section.text[begin:])
        end = self.text.index(question, section.begin + begin) + len(question)
        section_end = self.sections[index + 1].start if after else len(self.text)
        behind = self.text[end:section_end].strip(" \t\n*_`")
        if behind:
            self.flags.add("hallucinated_intermediate" if ANSWER_IN_LINE.match(behind) else "trailing_text")
        self.flags.update(flag for n in after if (flag := DROPPED.get(self.sections[n].label)))
        self.end = end
        return self.call(TOOL, question, self.thought_before(index, said), last=not behind and not after)

    def _question(self, text: str) -> str:
        """The first line behind a label that says something, without an answer that follows."""
        line = first_line(text)
        answer = ANSWER_IN_LINE.search(line)
        return line[: answer.start()] if answer else line

    # --- other forms, and none

    def _is_asked(self, index: int, label: re.Match[str]) -> bool:
        """Whether a follow-up in mid-line is a question, or what goes on as if it had been answered."""
        if not label["follow_up"]:
            return False
        text = self.sections[index].text[label.end() :]
        question = self._question(text)
        answered = question != first_line(text) or (
            index + 1 < len(self.sections) and self.sections[index + 1].label == "intermediate_answer"
        )
        return bool(question.strip()) and (answered or question.rstrip(" *_`").endswith("?"))

    def _ask_in_line(self, index: int, label: re.Match[str]) -> AnyResult:
        self.flags.add("inline_label")
        return self._ask(index, label.end(), self._said_before(index, label))

    def _inline(self) -> AnyResult | None:
        """In mid-line other labels count only because nothing was decided at the start of a line."""
        for index in range(len(self.sections)):
            if label := self._label_in_line(index):
                if label["follow_up"]:
                    return self._ask_in_line(index, label)
                self.flags.add("inline_label")
                return self.answer(index, label.end(), self._said_before(index, label))
        return None

    def _said_before(self, index: int, label: re.Match[str]) -> str:
        return self.sections[index].text[: label.start()].strip().rstrip(",;")

    def _label_in_line(self, index: int) -> re.Match[str] | None:
        section = self.sections[index]
        return INLINE.search(without_fences(section.text)) if section.label in SAID else None

    def _unusable(self) -> AnyResult:
        thought = self.thought(self.sections)
        if self.cut_off:
            return self.retry("truncated", thought)
        if any(section.label == "follow_up" for section in self.sections):
            return self.retry("no_action", thought)
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
