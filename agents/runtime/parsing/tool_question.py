"""The labels of conversations with tools: whether a tool is needed is asked first, and people have names."""

import re

from agents.runtime.parsing.labels import LEAD, LONGEST, MARK, REACT_NAMES, REACT_SPELLED, LabelLine, Labels, Name

# As the prompt has it, and as models remember it.
ASKED = [f"do i need {verb}{what}?" for verb in ("to use ", "") for what in ("a tool", "any tool", "any tools")]
ANSWERED = [f"{asked}{space}{said}" for asked in ASKED for space in ("", " ") for said in ("yes", "no")]
MARKS = re.compile("[*_`]")
QUESTION = re.compile(
    rf"do i need (?:to use )?(?:a tool|any tools?)\?(?:{MARK})?\s*+(?:{MARK})?(?P<said>yes|no)\b"
    rf"(?P<stop>[.,!]?)(?:{MARK})?(?P<stop_late>[.,!]?)",
    re.IGNORECASE,
)
_LINE = re.compile(
    rf"{LEAD}(?:{MARK})?(?:thought(?:[ \t]+\d+)?(?:{MARK})?[ \t]*+[:：](?:{MARK})?[ \t]*+)?{QUESTION.pattern}[ \t]*",
    re.IGNORECASE,
)


class ConversationLabels(Labels):
    """What the assistant is called stands before its reply, what the person is called before a turn that it invents.

    A label may also follow the question on its line.
    """

    def __init__(self, *, ai_prefix: str, human_prefix: str) -> None:
        names: dict[Name, str] = {}
        ai, human = spoken(ai_prefix), spoken(human_prefix)
        if human:
            names["human"] = re.escape(human)
        names |= REACT_NAMES
        del names["question"]
        if ai:
            names["final_answer"] = rf"{re.escape(ai)}|{names['final_answer']}"
        spelled = (*REACT_SPELLED, *ANSWERED, ai, human)
        super().__init__(names, [name for name in spelled if name and name != "question"])

    def of(self, line: str) -> LabelLine | None:
        asked = _LINE.match(line)
        label = super().of(line[asked.end() :]) if asked else None
        if asked is None or label is None:
            return super().of(line)
        return LabelLine(label.name, label.rest, asked.end() + label.start)

    def may_begin(self, line: str) -> bool:
        return super().may_begin(line) or self.may_be_asking(line.lstrip(" \t>#-+•"))

    def question_in(self, line: str) -> LabelLine | None:
        """The question and its answer as a label of their own."""
        asked = _LINE.match(line)
        if asked is None:
            return None
        no: Name = "no_tool_because" if goes_on(asked) else "no_tool_needed"
        name: Name = no if says_no(asked) else "tool_needed"
        return LabelLine(name, line[asked.end() :], asked.end())

    def may_be_asking(self, text: str) -> bool:
        """Whether the question could still follow in a thought that begins so."""
        begun = MARKS.sub("", text).lstrip().lower()
        return len(text) <= LONGEST and any(answered.startswith(begun) for answered in ANSWERED)


def says_no(asked: re.Match[str]) -> bool:
    return asked["said"].lower() == "no"


def goes_on(asked: re.Match[str]) -> bool:
    """Whether the rest of the line tells why: “No, I know it.” is no reply to anybody yet."""
    return "," in (asked["stop"], asked["stop_late"])


def spoken(prefix: str) -> str:
    """A name without the colon that follows it."""
    return prefix.strip().rstrip(":：").strip()
