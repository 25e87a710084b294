"""The commands of the document store protocol: Search[…], Lookup[…], Finish[…], and what models write instead."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from agents.runtime.parsing.labels import LEAD, MARK, REACT_NAMES, REACT_SPELLED, LabelLine, Labels
from agents.runtime.parsing.tool_names import DECORATION

CommandName = Literal["Search", "Lookup", "Finish"]
NAMES: dict[str, CommandName] = {"search": "Search", "lookup": "Lookup", "finish": "Finish"}
_NAME = r"(?a:search|look[ _-]?up|finish)"  # by ASCII alone: Turkish letters fold to these, too
# Matches as soon as the first character of the argument is there, and then never differently.
OPENED = re.compile(
    rf"[\s\"'`*_\[(]*+(?:(?:use|call|run)\s++(?:the\s++)?)?(?P<name>{_NAME})(?!\w)[`*_\"']*+\s*+(?P<opening>[\[(:：]|(?=\S))",
    re.IGNORECASE,
)
AT_LINE_START = re.compile(rf"{LEAD}(?:{MARK})?(?P<command>(?:{_NAME})(?:{MARK})?(?:[ \t]*[\[:：]|\())", re.IGNORECASE)
IN_LINE = re.compile(rf"\b(?:{_NAME})(?:[ \t]*+\[|\()", re.IGNORECASE)
BRACKETS = {"[": re.compile(r"[\[\]]"), "(": re.compile(r"[()]")}
NO_ARGUMENT = re.compile(r"\A(?:tool|function|action|command)\Z", re.IGNORECASE)
FILLER = re.compile(r"\A(?:for\s+)?(?:(?:the\s+)?(?:entity|title|page|article|keyword|string|term)\s+)?")
INPUT_LABEL = re.compile(r"\A(?:action|tool)[ _]?input\s*[:：]\s*", re.IGNORECASE)


class CommandLabels(Labels):
    """The labels of ReAct, and commands that stand at the start of a line without one."""

    def of(self, line: str) -> LabelLine | None:
        if label := super().of(line):
            return label
        command = AT_LINE_START.match(line)
        return LabelLine("command", line[command.start("command") :], command.start("command")) if command else None


LABELS = CommandLabels(REACT_NAMES, (*REACT_SPELLED, "search", "lookup", "look up", "finish"))


class Brackets:
    """Finds the bracket that closes an argument, also when the text comes in pieces."""

    def __init__(self, opening: str) -> None:
        self._either = BRACKETS[opening]
        self._opening = opening
        self._depth = 1

    def closing_in(self, text: str) -> int | None:
        for bracket in self._either.finditer(text):
            self._depth += 1 if bracket[0] == self._opening else -1
            if not self._depth:
                return bracket.start()
        return None


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be done with which argument; `end` is where it ends in the text. `flags` say how it was written."""

    name: CommandName
    argument: str
    end: int
    closed: bool = False
    flags: frozenset[str] = field(default=frozenset())


def name_of(written: str) -> CommandName | None:
    return NAMES.get(re.sub("[ _-]", "", written.strip(DECORATION)).lower())


def command_in(text: str) -> Command | None:
    """The command at the start of a text, with its argument."""
    opened = OPENED.match(text)
    if opened is None:
        return None
    name = name_of(opened["name"])
    assert name
    rest, begin = text[opened.end() :], opened.end()
    if opened["opening"] not in BRACKETS:
        return _without_brackets(name, rest, begin)
    flags = {"parentheses"} if opened["opening"] == "(" else set()
    at = Brackets(opened["opening"]).closing_in(rest)
    if at is not None:
        return Command(name, rest[:at], begin + at + 1, closed=True, flags=frozenset(flags))
    argument, end = _to_its_end(name, rest)
    argument = argument.rstrip().removesuffix("]" if opened["opening"] == "[" else ")")
    return Command(name, argument, begin + end, flags=frozenset(flags | {"unclosed"}))


def _without_brackets(name: CommandName, rest: str, begin: int) -> Command:
    argument, end = _to_its_end(name, rest)
    argument = argument.strip()
    flags = {"missing_brackets"}
    inner = OPENED.match(argument)
    if inner and inner["opening"] in BRACKETS and name_of(inner["name"]) == name:
        written_again = command_in(argument)
        return replace(written_again, end=begin + end) if written_again else Command(name, "", begin + end)
    if label := INPUT_LABEL.match(argument):
        argument, flags = argument[label.end() :], {"same_line"}
    elif NO_ARGUMENT.match(argument.strip(DECORATION)):
        argument = ""
    elif name != "Finish":
        argument = FILLER.sub("", argument)
    if argument[:1] + argument[-1:] in ("[]", "<>"):
        argument = argument[1:-1]
    return Command(name, argument, begin + end, flags=frozenset(flags))


def _to_its_end(name: CommandName, text: str) -> tuple[str, int]:
    """An argument that nothing closes: an answer may have many lines, what is searched for has one."""
    if name == "Finish":
        return text, len(text)
    blank = len(text) - len(text.lstrip())
    end = text.find("\n", blank)
    return (text, len(text)) if end < 0 else (text[:end], end)
