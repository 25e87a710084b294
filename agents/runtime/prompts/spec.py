"""The parts of a prompt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from agents.runtime.answers import OutputSpec
from agents.runtime.errors import PromptError
from agents.runtime.prompts.strategies import StrategyOptions, parse_options
from agents.runtime.templates.base import Template
from agents.runtime.templates.formats import Format, Includes, parse_template

PromptRole = Literal["system", "user", "assistant"]
SlotName = Literal["history", "examples", "steps"]
VariableType = Literal["string", "number", "boolean", "choice", "json"]
Strategy = Literal["direct", "zero_shot_cot", "few_shot_cot", "self_consistency", "least_to_most", "pal"]

Placement = Literal["messages", "system"]
Selector = Literal["all", "first", "random", "budget", "similar", "mmr", "balanced"]

ROLES: tuple[str, ...] = get_args(PromptRole)
SLOTS: tuple[str, ...] = get_args(SlotName)
TYPES: tuple[str, ...] = get_args(VariableType)
STRATEGIES: tuple[str, ...] = get_args(Strategy)
PLACEMENTS: tuple[str, ...] = get_args(Placement)
SELECTORS: tuple[str, ...] = get_args(Selector)

# Filled by code: date, time and language in every prompt, the tools where an agent uses the prompt.
BUILT_IN = frozenset({"_now", "_today", "_user_language"})
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
    """A place where whole messages are put: earlier turns, examples, or the steps of an agent.

    No messages at all are an error where it isn't `optional`; an empty list is nothing, and fine.
    """

    name: SlotName
    optional: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example. Its inputs are a namespace of their own."""

    inputs: Mapping[str, Any]
    output: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which examples are shown (agents.md D.6). `max_tokens` bounds the whole prompt, for `budget`.

    `fetch_k` and `diversity` (λ: 1 looks at likeness alone, 0 at variety alone) are for `mmr`.
    """

    by: Selector = "all"
    k: int = 4
    max_tokens: int = 2048
    seed: int = 1
    diversity: float = 0.5
    fetch_k: int = 20


@dataclass(frozen=True, slots=True)
class ExampleTemplate:
    """How examples are written, chosen and placed; None means the prompt's own question and its answer.

    In the system message they are one block: `prefix`, then every example as `text` says (else its two sides on
    lines of their own), then `suffix`, divided by `separator`.
    """

    user: str | None = None
    assistant: str | None = None
    placement: Placement = "messages"
    text: str | None = None
    separator: str = "\n\n"
    prefix: str = ""
    suffix: str = ""
    select: Selection = Selection()


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
    includes: Includes = ()
    partials: Mapping[str, Any] = field(default_factory=dict)

    def partial(self, /, **values: Any) -> "PromptSpec":
        """With some variables filled already: by values, or by functions without arguments, called at each rendering.

        A partial of a partial adds up, and what is given at rendering goes before. Only code makes partials, never
        what is stored. PromptError unknown:… for names that the prompt doesn't have.
        """
        names = {variable.name for variable in self.variables}
        names |= self.used_names - BUILT_IN
        if strange := [name for name in values if name not in names]:
            known = ", ".join(sorted(names)) or "none"
            detail = f"The prompt has no variable {', '.join(strange)}. Its variables: {known}."
            raise PromptError(f"unknown:{','.join(strange)}", detail)
        return replace(self, partials={**self.partials, **values})

    def with_examples(self, examples: Sequence[Example]) -> "PromptSpec":
        """With these examples, chosen already: all of them are shown, in this order."""
        template = replace(self.example_template, select=Selection())
        return replace(self, examples=tuple(examples), example_template=template)

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
        return parse_template(text, self.format, self.includes)

    def templates(self) -> Iterator[tuple[int, Template]]:
        """The messages' templates with their numbers, counted from 1."""
        for number, item in enumerate(self.messages, 1):
            if isinstance(item, MessageTemplate):
                yield number, self.template(item.content)

    @property
    def used_names(self) -> frozenset[str]:
        """What the messages look for, fields of sections' values too."""
        return frozenset(use.name.partition(".")[0] for _, template in self.templates() for use in template.uses)

    def has_slot(self, name: SlotName) -> bool:
        return any(isinstance(item, Slot) and item.name == name for item in self.messages)
