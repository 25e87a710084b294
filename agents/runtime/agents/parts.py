"""What an agent is made of, and what every type of agent can do."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.runtime.events import AnyEvent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.programs import Interpreter
from agents.runtime.prompts import PromptSpec
from agents.runtime.tools import Tool


@dataclass(frozen=True, slots=True)
class Parts:
    """`options` are what only some types know; `direct` names the tools whose result is the answer.

    `interpreter` runs programs that a strategy has written; None where there is no sandbox.
    `limits` of None are the usual ones of the type.
    """

    llm: LLM
    prompt: PromptSpec
    tools: tuple[Tool, ...] = ()
    limits: Limits | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    direct: frozenset[str] = frozenset()
    interpreter: Interpreter | None = None


class RuntimeAgent(Protocol):
    """`run` may be called any number of times, also at once: each run has a state of its own.

    It ends in `Finished`, or raises a `RunError`; what is shown until then stays.
    """

    @property
    def llm(self) -> LLM: ...

    def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]: ...
