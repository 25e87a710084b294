"""What a tool is to the runtime: a name, a description for the model, and an async `run` that never raises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from agents.runtime.events import AnyEvent
from agents.runtime.llm import LLM

InputKind = Literal["text", "code", "schema", "none"]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`text` goes to the model, `data` to the page. `error` is a class of `tools.md` §1.4, or None."""

    text: str
    error: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ToolContext:
    """What a tool may use while it runs. `state` lives as long as the run and is shared by its tools."""

    llm: LLM
    step: int
    report: Callable[[AnyEvent], None]
    state: dict[str, Any] = field(default_factory=dict)


class Tool(Protocol):
    """One tool as one agent sees it: name and description may be the agent's own wording."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def input_kind(self) -> InputKind: ...

    @property
    def timeout_s(self) -> float: ...

    @property
    def max_output(self) -> int: ...

    @property
    def volatile(self) -> bool: ...

    async def run(self, input: Any, context: ToolContext) -> ToolResult: ...
