"""What a run tells the world while it goes on.

Events with a `type` travel to browsers as `architecture.md` §5 names them; `ModelCalled` is for the trace alone.
Step numbers count from 1 within a run.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from agents.runtime.llm import Choice, FunctionCall, Price, Usage
from agents.runtime.tokens import estimated, estimated_body

if TYPE_CHECKING:  # answers know parsers, which know tools, which know events
    from agents.runtime.answers import Extraction

StepKind = Literal["thought", "action", "observation", "answer", "plan", "subquestion", "sample", "vote"]
StopReason = Literal[
    "finished",
    "max_steps",
    "timeout",
    "token_budget",
    "cost_budget",
    "loop",
    "format_errors",
    "refused",
    "return_direct",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events that travel."""

    type: ClassVar[str]

    def to_wire(self) -> dict[str, Any]:
        # Not asdict, which copies deeply: this runs for every token.
        return {"type": self.type, **{name: getattr(self, name) for name in self.__dataclass_fields__}}


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    type: ClassVar[str] = "step.started"
    step: int
    kind: StepKind
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    type: ClassVar[str] = "text.delta"
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled(Event):
    """A tool is about to run. `tool` is its display name; `call` is unique in the run."""

    type: ClassVar[str] = "tool.called"
    step: int
    call: str
    tool: str
    input: Any


@dataclass(frozen=True, slots=True)
class ToolProgress(Event):
    type: ClassVar[str] = "tool.progress"
    call: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolFinished(Event):
    """`output` is what the model is told; `error` is a class of `tools.md` §1.4 or None."""

    type: ClassVar[str] = "tool.finished"
    call: str
    output: str
    error: str | None
    ms: int


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """`text` only where the authoritative text differs from the deltas."""

    type: ClassVar[str] = "step.finished"
    step: int
    ms: int
    text: str | None = None

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"type": self.type, "step": self.step, "ms": self.ms}
        return wire if self.text is None else {**wire, "text": self.text}


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something a person should know that isn't an error: a retry, trimmed memory, a limit reached."""

    type: ClassVar[str] = "notice"
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelCalling:
    """A model call is about to start: for whoever must account for it if the run is cut off before its end.

    `call` tells calls apart that are under way at the same time; the `ModelCalled` at its end has the same.
    `price` is that of the model that is asked.
    """

    step: int
    model: str
    request: dict[str, Any]
    call: int = 0
    price: Price | None = None

    def cut_off(self, *, step: int, text: str, duration_ms: int) -> "ModelCalled":
        """The call as far as it came. A server reports no usage of a stream that was left, so it is estimated."""
        usage = Usage(input=estimated_body(self.request), output=estimated(text), estimated=True)
        return ModelCalled(
            step=step,
            model=self.model,
            request=self.request,
            response=text,
            reasoning="",
            usage=usage,
            cost=None if self.price is None else self.price.of(usage),
            finish_reason="",
            first_token_ms=None,
            duration_ms=duration_ms,
            retries=0,
            error="cancelled",
            call=self.call,
        )


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """One finished model call, whole, for the trace; `error` is a code of `errors.ModelError`. USD, milliseconds.

    `outcome` says whether the reply had the form that was asked for (`outcomes.Outcome`), `flags` what was tolerated.
    """

    step: int
    model: str
    request: dict[str, Any]
    response: str
    reasoning: str
    usage: Usage
    cost: Decimal | None
    finish_reason: str
    first_token_ms: int | None
    duration_ms: int
    retries: int
    error: str | None = None
    error_detail: str = ""
    outcome: str = ""
    flags: tuple[str, ...] = ()
    calls: tuple[FunctionCall, ...] = ()
    choices: tuple[Choice, ...] = ()
    call: int = 0

    def to_wire(self) -> dict[str, Any]:
        """The `usage` event that browsers get of it."""
        return {
            "type": "usage",
            "step": self.step,
            "model": self.model,
            "input": self.usage.input,
            "output": self.usage.output,
            "cached": self.usage.cached,
            "reasoning": self.usage.reasoning,
            "cost": None if self.cost is None else format(self.cost, "f"),
            "estimated": self.usage.estimated,
        }


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a run that came to an answer. `flags` say what was tolerated in the model's format.

    `extraction` is the answer's value where a strategy or an agent found it by other means than reading `answer`
    (a vote, a program's result); `outcome` is that of the answer as a whole. `samples` are the values of all replies
    that were drawn for it, None for one without, where a strategy draws several.
    """

    answer: str
    stop_reason: StopReason
    usage: Usage
    flags: tuple[str, ...] = ()
    extraction: "Extraction | None" = None
    outcome: str = ""
    samples: tuple[str | None, ...] = ()


AnyEvent = Event | ModelCalling | ModelCalled | Finished
