"""The parts of a prompt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from agents.runtime.answers import OutputSpec
from agents.runtime.prompts.strategies import StrategyOptions, parse_options
from agents.runtime.templates.base import Template
from agents.runtime.templates.formats import Format, parse_template

PromptRole = Literal["system", "user", "assistant"]
SlotName = Literal["history", "examples", "steps"]
VariableType = Literal["string", "number", "boolean", "choice", "json"]
Strategy = Literal["direct", "zero_shot_cot", "few_shot_cot", "self_consistency", "least_to_most", "pal"]

ROLES: tuple[str, ...] = get_args(PromptRole)
SLOTS: tuple[str, ...] = get_args(SlotName)
TYPES: tuple[str, ...] = get_args(VariableType)
STRATEGIES: tuple[str, ...] = get_args(Strategy)

# Filled by code: the date in every prompt, the tools where an agent uses the prompt.
BUILT_IN = frozenset({"_today"})
FROM_AGENT = frozenset({"tools", "tool_names"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that the prompt needs from outside."""

    name: str
    type: VariableType = "string"
    required: bool = True
    default: Any = None
    description: str = ""
    max_length: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    role: PromptRole
    content: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where whole messages are put: earlier turns, examples, or the steps of an agent."""

    name: SlotName


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example. Its inputs are a namespace of their own."""

    inputs: Mapping[str, Any]
    output: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class ExampleTemplate:
    """How one example is written; None means the prompt's own question and its answer."""

    user: str | None = None
    assistant: str | None = None


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """One version of a prompt, ready to be rendered."""

    messages: tuple[MessageTemplate | Slot, ...]
    format: Format = "mustache"
    variables: tuple[Variable, ...] = ()
    example_template: ExampleTemplate = ExampleTemplate()
    examples: tuple[Example, ...] = ()
    output: OutputSpec = field(default_factory=OutputSpec)
    strategy: Strategy = "direct"
    strategy_options: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reasons(self) -> bool:
        """Whether the model is asked to think aloud before it answers."""
        return self.strategy != "direct"

    @property
    def options(self) -> StrategyOptions:
        """The strategy's own; PromptError where one can't be meant."""
        return parse_options(self.strategy, self.strategy_options)

    @property
    def question(self) -> MessageTemplate | None:
        """The last user message."""
        asked = (m for m in reversed(self.messages) if isinstance(m, MessageTemplate) and m.role == "user")
        return next(asked, None)

    def template(self, text: str) -> Template:
        return parse_template(text, self.format)

    def templates(self) -> Iterator[tuple[int, Template]]:
        """The messages' templates with their numbers, counted from 1."""
        for number, item in enumerate(self.messages, 1):
            if isinstance(item, MessageTemplate):
                yield number, self.template(item.content)

    def has_slot(self, name: SlotName) -> bool:
        return Slot(name) in self.messages
