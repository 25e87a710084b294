"""What values look like, as far as it is known before a chain runs: enough to refuse a mapping that can't work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.runtime.answers import OutputSpec
from agents.runtime.prompts.spec import Variable

ShapeKind = Literal["text", "number", "label", "list", "object", "any", "turns"]


@dataclass(frozen=True, slots=True)
class Shape:
    """`fields` of an object where they are known, `labels` of a closed vocabulary; `free` text is a model's own."""

    kind: ShapeKind
    fields: Mapping[str, "Shape"] | None = None
    labels: tuple[str, ...] = ()
    free: bool = False


TEXT, NUMBER, LIST, ANY = Shape("text"), Shape("number"), Shape("list"), Shape("any")
TURNS = Shape("turns")  # the earlier turns of a conversation
PROSE = Shape("text", free=True)
FITTING: Mapping[ShapeKind, frozenset[ShapeKind]] = {
    "text": frozenset({"text", "number", "label"}),
    "number": frozenset({"text", "number"}),
    "label": frozenset({"text", "label"}),
    "list": frozenset({"list"}),
    "object": frozenset({"object", "list", "text", "number", "label"}),
    "turns": frozenset({"turns"}),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a step needs. What isn't required may be left out, and may be null."""

    name: str
    required: bool = True
    shape: Shape = TEXT


@dataclass(frozen=True, slots=True)
class Signature:
    """What a prompt, an agent or a chain takes and gives. `chains` are those that it leads to; `problem` is why it
    can't run at all."""

    parameters: tuple[Parameter, ...] = ()
    output: Shape = PROSE
    chains: tuple[str, ...] = ()
    takes_history: bool = False
    problem: str = ""

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def required(self) -> list[str]:
        return [parameter.name for parameter in self.parameters if parameter.required]


@dataclass(frozen=True, slots=True)
class Field:
    """A value that was looked for inside another: `problem` where it can't be there."""

    shape: Shape = field(default=ANY)
    problem: str = ""


def fits(given: Shape, wanted: Shape) -> bool:
    """Whether a value of one shape can stand where the other is wanted, as far as that is known."""
    if "turns" in (given.kind, wanted.kind):
        return given.kind == wanted.kind
    if "any" in (given.kind, wanted.kind):
        return True
    return given.kind in FITTING[wanted.kind]


def of_variable(variable: Variable) -> Shape:
    match variable.type:
        case "number":
            return NUMBER
        case "choice":
            return Shape("label", labels=variable.choices)
        case "json":
            return ANY
    return TEXT


def of_output(output: OutputSpec) -> Shape:
    match output.kind:
        case "number":
            return NUMBER
        case "choice":
            return Shape("label", labels=output.choices)
        case "label":
            return Shape("label", labels=output.labels)
        case "boolean":
            return Shape("label", labels=("yes", "no"))
        case "json":
            return of_schema(output.schema) if output.schema else ANY
    return PROSE


def of_schema(schema: Any) -> Shape:
    """By the `type`, `properties` and `enum` of a JSON Schema; whatever else it says leaves the shape open."""
    if not isinstance(schema, Mapping):
        return ANY
    kind = schema.get("type")
    if kind == "object":
        inner = schema.get("properties")
        if not isinstance(inner, Mapping) or not inner:
            return Shape("object")
        return Shape("object", {str(name): of_schema(value) for name, value in inner.items()})
    if kind == "string" and isinstance(schema.get("enum"), list):
        return Shape("label", labels=tuple(map(str, schema["enum"])))
    kinds: dict[Any, Shape] = {"string": TEXT, "number": NUMBER, "integer": NUMBER, "array": LIST, "boolean": TEXT}
    return kinds.get(kind if isinstance(kind, str) else None, ANY)


def field_of(shape: Shape, name: str) -> Field:
    """A field of a structured value."""
    if shape.kind not in ("object", "any"):
        return Field(problem="it gives no object with fields")
    if shape.fields is None:
        return Field()
    if name not in shape.fields:
        return Field(problem=f"it has no field {name}. Fields: {', '.join(shape.fields) or 'none'}")
    return Field(shape.fields[name])


WORDS = {"text": "text", "number": "a number", "label": "a label", "list": "a list", "object": "an object"}


def in_words(shape: Shape) -> str:
    return WORDS.get(shape.kind, "the earlier turns of the conversation")
