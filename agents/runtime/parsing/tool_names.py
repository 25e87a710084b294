"""From what a model calls a tool to the tool: decoration and spelling are forgiven, other names never are."""

import difflib
import re
from collections.abc import Iterable, Mapping

from agents.runtime.tools import InputKind

DECORATION = " \t\n\"'`*_[](){}<>“”‘’«».,;:!"
NO_TOOL = re.compile(
    r"(?:none|n/?a|no (?:tool|action)s?|nothing)(?: (?:is |are )?(?:needed|required|necessary))?"
    r"\.?(?:\s*+\(.*|[,.;]\s.*|\s[-–—]\s.*)?\Z"
)
LEADING = re.compile(r"\A(?:use|call|run)\s+(?:the\s+)?|\A(?:the\s+)", re.IGNORECASE)
TRAILING = re.compile(r"\s+(?:tool|function|api)\Z", re.IGNORECASE)
CLOSE = 0.75
LONGEST = 200  # characters; what is longer is no name


class ToolNames:
    """The tools of one agent by name. Without any, every name is a known tool that takes text."""

    def __init__(self, kinds: Mapping[str, InputKind] | None) -> None:
        self.kinds = kinds
        self._spelled = {plain(name): name for name in kinds or ()}

    def find(self, requested: str) -> str | None:
        """The registered name that is meant, or None."""
        name = requested.strip(DECORATION)
        if self.kinds is None:
            return name or None
        for written in (requested.strip(), name):
            if written in self.kinds:
                return written
        if len(name) > LONGEST:
            return None
        bare = TRAILING.sub("", LEADING.sub("", name))
        return self._spelled.get(plain(name)) or self._spelled.get(plain(bare))

    def means_answer(self, requested: str) -> bool:
        """Whether to answer is what is called a tool. A tool may have the name of Finish, but not that of the label."""
        name = plain(requested)
        return name == "finalanswer" or (name == "finish" and self.kinds is not None and self.find(requested) is None)

    def kind(self, name: str) -> InputKind:
        return "text" if self.kinds is None else self.kinds[name]


def plain(name: str) -> str:
    """A name without what doesn't distinguish it. Two tools of one agent must not share it."""
    return re.sub(r"[\s_-]+", "", name.strip(DECORATION)).casefold()


def means_no_tool(requested: str) -> bool:
    return bool(NO_TOOL.match(requested.strip(DECORATION).lower()))


def names_nothing(requested: str) -> bool:
    """Whether no tool is meant, or the name is left out."""
    return not requested.strip() or means_no_tool(requested)


def suggestion(requested: str, names: Iterable[str]) -> str | None:
    """The one name that is close to what was asked for."""
    requested = requested[:LONGEST]
    close = [n for n in names if difflib.SequenceMatcher(None, plain(requested), plain(n)).ratio() >= CLOSE]
    return close[0] if len(close) == 1 else None
