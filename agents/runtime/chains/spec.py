"""The parts of a chain: what goes in, the steps with where their inputs come from, and which of them answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from agents.runtime.prompts.spec import Variable

StepKind = Literal["prompt", "agent", "chain", "transform", "branch"]
KINDS: tuple[str, ...] = get_args(StepKind)
OnError = Literal["fail", "skip", "default"]

# Chains within chains, and the steps of all of them together (agents.md E.2).
MOST_LEVELS = 5
MOST_STEPS = 50
MOST_RETRIES = 3
MOST_AT_ONCE = 16

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
# The parameter that takes the earlier turns of the conversation, where a chain has a memory.
HISTORY = "history"
# The one parameter of a branch: the value that decides.
DECIDED_BY = "value"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: an input of the chain, an earlier step or a field of what it gave, or a fixed value."""

    kind: Literal["input", "step", "literal"]
    name: str = ""
    field: str = ""
    value: Any = None

    def __str__(self) -> str:
        if self.kind == "literal":
            return f"“{self.value}”"
        return (
            f"input.{self.name}" if self.kind == "input" else ".".join(filter(None, ("steps", self.name, self.field)))
        )

    def to_json(self) -> Any:
        return {"value": self.value} if self.kind == "literal" else str(self)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step. `inputs` is None where nothing says where they come from; `target` is what it runs, by its reference.

    `each` names the parameter that takes the items of a list in turn. A branch has `cases` (label → id of a step) and
    `otherwise`; those steps run only when they are chosen, and what they give is what the branch gives.
    """

    id: str
    kind: StepKind
    target: str
    output: str
    title: str
    inputs: Mapping[str, Source] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    each: str = ""
    at_once: int = 4
    on_error: OnError = "fail"
    default: Any = None
    retries: int = 0
    cases: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""

    @property
    def arms(self) -> tuple[str, ...]:
        """The steps that a branch chooses from."""
        return tuple(dict.fromkeys(filter(None, (*self.cases.values(), self.otherwise))))

    @property
    def sources(self) -> Mapping[str, Source]:
        return self.inputs or {}


@dataclass(frozen=True, slots=True)
class ChainSpec:
    """A chain as it is written. `output` is the key of the step that answers, empty for the last one."""

    inputs: tuple[Variable, ...]
    steps: tuple[ChainStep, ...]
    output: str = ""
    memory: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(step.id for step in self.steps)

    @property
    def required(self) -> list[str]:
        return [variable.name for variable in self.inputs if variable.required]

    @property
    def input_name(self) -> str:
        """The input that a person's message fills: `input`, else the only required one; "" where neither is there."""
        if any(variable.name == "input" for variable in self.inputs):
            return "input"
        return self.required[0] if len(self.required) == 1 else ""

    @property
    def arms(self) -> dict[str, str]:
        """Steps that run only when they are chosen, with the branch that chooses."""
        return {arm: step.id for step in self.steps for arm in step.arms}

    @property
    def answering(self) -> ChainStep | None:
        """The step whose output the chain gives."""
        if not self.output:
            arms = self.arms
            return next((step for step in reversed(self.steps) if step.id not in arms), None)
        return next((step for step in self.steps if step.output == self.output), None)

    def step(self, step_id: str) -> ChainStep | None:
        return next((step for step in self.steps if step.id == step_id), None)

    def givers(self) -> Iterator[ChainStep]:
        """The steps whose text can be the answer: the answering one, and the arms of it where it is a branch."""
        waiting, seen = [self.answering], set()
        while waiting:
            step = waiting.pop(0)
            if step is not None and step.id not in seen:
                seen.add(step.id)
                yield step
                waiting += [self.step(arm) for arm in step.arms]
