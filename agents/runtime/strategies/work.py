"""What a strategy works with: the prompt, what the run may still use, and where what it does is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.runtime.answers import Extraction, Reading
from agents.runtime.budget import Budget
from agents.runtime.events import Notice
from agents.runtime.llm import LLM, Message
from agents.runtime.programs import Interpreter
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.prompts.strategies import StrategyOptions, parse_options
from agents.runtime.steps import Timeline

if TYPE_CHECKING:
    from agents.runtime.strategies.asking import Asking


@dataclass(slots=True)
class Outline:
    """What a strategy has come to. `partial` gives what was written of an answer when a limit cuts it off.

    `finish_reason` is that of the reply that the answer comes from; `samples` are the values of all replies that
    could have been it, None for one without, where there were several. `asking` is the last call that said something.
    """

    answer: str = ""
    partial: Callable[[], str] = str
    extraction: Extraction | None = None
    outcome: str = ""
    finish_reason: str = ""
    samples: tuple[str | None, ...] = ()
    flags: set[str] = field(default_factory=set)
    asking: "Asking | None" = None


@dataclass(slots=True)
class Work:
    """One run of a strategy. `inputs` are the prompt's values, `history` the earlier turns."""

    llm: LLM
    spec: PromptSpec
    budget: Budget
    timeline: Timeline
    inputs: Mapping[str, Any]
    history: Sequence[Message] = ()
    interpreter: Interpreter | None = None
    outline: Outline = field(default_factory=Outline)

    @property
    def options(self) -> StrategyOptions:
        return parse_options(self.spec.strategy, self.spec.strategy_options)

    def messages(self, spec: PromptSpec | None = None) -> list[Message]:
        """The prompt's own messages, or those of a variant of it."""
        return render(spec or self.spec, self.inputs, history=self.history)

    def answered(self, text: str, reading: Reading, *, finish_reason: str = "stop") -> None:
        """This is the answer, until another one takes its place."""
        self.outline.answer = text
        self.outline.extraction = reading.extraction
        self.outline.outcome = reading.outcome
        self.outline.finish_reason = finish_reason


def correcting() -> Notice:
    """What people are told when a reply is asked for once more."""
    return Notice("format_correction", "Asked the model to fix its format.")
