"""What a tool is to the runtime: a name, a description for the model, and an async `run` that never raises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from agents.runtime.events import AnyEvent
from agents.runtime.llm import LLM

if TYPE_CHECKING:  # the loop knows prompts, which know answers, which know parsers, which know tools
    from agents.runtime.budget import Budget

InputKind = Literal["text", "code", "schema", "none"]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`text` goes to the model, `data` to the page. `error` is a class of `tools.md` §1.4, or None."""

    text: str
    error: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ToolContext:
    """What a tool may use while it runs. `state` lives as long as the run and is shared by its tools.

    A tool that is a run of its own shows its steps beneath `step`, numbered by `number`, and keeps to the `budget`;
    without these two it shows only its model calls and keeps to its own limits.
    """

    llm: LLM
    step: int
    report: Callable[[AnyEvent], None]
    state: dict[str, Any] = field(default_factory=dict)
    number: Callable[[], int] | None = None
    budget: "Budget | None" = None


class Tool(Protocol):
    """One tool as one agent sees it: name and description may be the agent's own wording.

    `timeout_s` is how many seconds one call may take, `max_output` how many characters of its result the model gets.
    A `volatile` one may give something else for the same input the next time.
    """

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
