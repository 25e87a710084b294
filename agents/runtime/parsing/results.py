"""What a reply can mean: run a tool, finish, a tool that nobody has, or something that has to be said again."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Result:
    """`flags` name what was tolerated: they are counted per model and prompt, and never change behaviour."""

    kind: ClassVar[str]
    thought: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action(Result):
    """Run `tool`, by its registered name, with `input`: a string, or an object for schema tools."""

    kind: ClassVar[str] = "action"
    tool: str = ""
    input: Any = ""


@dataclass(frozen=True, slots=True)
class Finish(Result):
    kind: ClassVar[str] = "finish"
    answer: str = ""


@dataclass(frozen=True, slots=True)
class UnknownTool(Result):
    kind: ClassVar[str] = "unknown_tool"
    requested: str = ""


@dataclass(frozen=True, slots=True)
class Retry(Result):
    """The reply can't be used; `code` selects what the model is told, `problem` is a detail for it."""

    kind: ClassVar[str] = "retry"
    code: str = ""
    tool: str | None = None
    problem: str = ""


AnyResult = Action | Finish | UnknownTool | Retry
"""Exactly one of these is the meaning of a reply."""
