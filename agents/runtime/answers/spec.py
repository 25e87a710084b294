"""What kind of answer a prompt asks for, and where in the reply it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from agents.runtime.answers.patterns import PatternError, compile_pattern
from agents.runtime.answers.schema import schema_problem
from agents.runtime.errors import PromptError

Kind = Literal["text", "number", "choice", "boolean", "label", "json"]
Mode = Literal["auto", "first", "last", "after", "json", "regex", "program"]
KINDS: tuple[str, ...] = get_args(Kind)
ANSWER_LABEL = "Answer:"
LETTERS = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, slots=True)
class Extract:
    """Where the answer stands. `argument` is the label, field or pattern that the mode needs.

    A field may be a path such as `result.items.0.price`. A `program` is run by the strategy; its value is the answer.
    """

    mode: Mode = "auto"
    argument: str = ""


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """The declared answer: its kind, the values that are allowed, and how it is found."""

    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    extract: Extract = Extract()
    instruction: Literal["auto", "none"] = "auto"

    @property
    def answer_label(self) -> str:
        """What stands before the answer on its line."""
        return self.extract.argument if self.extract.mode == "after" else ANSWER_LABEL


def parse_output(data: Mapping[str, Any]) -> OutputSpec:
    """The `output` of a prompt file; refuses what it can't mean."""
    if not isinstance(data, Mapping):
        raise PromptError("bad_output", "The output is an object with a kind, such as {kind: number}.")
    kind: Any = data.get("kind") or "text"
    if kind not in KINDS:
        raise PromptError("bad_output", f"There is no output kind “{kind}”. Kinds: {', '.join(KINDS)}.")
    instruction: Any = data.get("instruction") or "auto"
    if instruction not in ("auto", "none"):
        raise PromptError("bad_output", "The output's instruction is auto or none.")
    return OutputSpec(
        kind=kind,
        choices=_words(data, "choices", needed=False) or (LETTERS if kind == "choice" else ()),
        labels=_words(data, "labels", needed=kind == "label"),
        schema=_schema(data.get("schema")),
        extract=_extract(data.get("extract") or "auto"),
        instruction=instruction,
    )


def _words(data: Mapping[str, Any], key: str, *, needed: bool) -> tuple[str, ...]:
    values = data.get(key) or []
    if not isinstance(values, list | tuple) or not all(isinstance(v, str | int | float) for v in values):
        raise PromptError("bad_output", f"The output's {key} are a list of words.")
    if needed and not values:
        raise PromptError("bad_output", f"An output of kind {data['kind']} needs a list of {key}.")
    words = tuple(_word(value) for value in values)
    if "" in words or len({word.casefold() for word in words}) < len(words):
        raise PromptError("bad_output", f"The output's {key} must differ from one another, and none may be empty.")
    return words


def _word(value: str | float) -> str:
    """YAML reads yes and no as true and false."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _schema(schema: Any) -> Mapping[str, Any] | None:
    if schema in (None, {}):
        return None
    if not isinstance(schema, Mapping):
        raise PromptError("bad_output", "The output's schema is a JSON Schema object.")
    if problem := schema_problem(schema):
        raise PromptError("bad_output", problem)
    return schema


def _extract(rule: Any) -> Extract:
    if rule in ("auto", "first", "last", "program"):
        return Extract(rule)
    if isinstance(rule, Mapping) and len(rule) == 1:
        mode, argument = next(iter(rule.items()))
        if mode in ("after", "json", "regex") and isinstance(argument, str) and argument.strip():
            return Extract(mode, _pattern(argument) if mode == "regex" else argument.strip())
    raise PromptError(
        "bad_extract",
        "The extract rule is auto, first, last, program, {after: label}, {json: field} or {regex: pattern}.",
    )


def _pattern(pattern: str) -> str:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        raise PromptError("bad_extract", f"The pattern of the extract rule: {error}") from None
    return pattern
