"""What a step can do to a value without a model: a fixed list, each pure and quick."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.answers import OutputSpec, extract
from agents.runtime.answers.json_text import json_found
from agents.runtime.chains.shapes import ANY, LIST, NUMBER, TEXT, Parameter, Shape, Signature
from agents.runtime.errors import RunError
from agents.runtime.templates.base import written
from agents.runtime.text import first_line

NO_VALUE = "no_answer"
Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transform:
    """One way to change a value. `option` is what it must be told beside the value, if anything."""

    name: str
    about: str
    takes: Shape
    gives: Shape
    apply: Callable[[Any, Options], Any]
    option: str = ""

    @property
    def signature(self) -> Signature:
        return Signature((Parameter("value", shape=self.takes),), self.gives)


def _first_line(value: Any, _: Options) -> str:
    return first_line(written(value)).strip()


def _lines(value: Any, _: Options) -> list[str]:
    return [line.strip() for line in written(value).splitlines() if line.strip()]


def _number(value: Any, _: Options) -> str:
    found = extract(written(value), OutputSpec(kind="number"))
    if found.value is None:
        raise RunError(NO_VALUE, "There is no number in what it was given.")
    return found.value


def _json(value: Any, _: Options) -> Any:
    if not isinstance(value, str):
        return value
    if not (found := json_found(value).values):
        raise RunError(NO_VALUE, "There is no JSON in what it was given.")
    return found[0]


def _json_field(value: Any, options: Options) -> Any:
    """The field of the first object that has it."""
    name = options["field"]
    for candidate in json_found(value).values if isinstance(value, str) else [value]:
        if isinstance(candidate, Mapping) and name in candidate:
            return candidate[name]
    raise RunError(NO_VALUE, f"What it was given has no field {name}.")


def _join(value: Any, options: Options) -> str:
    if not isinstance(value, list | tuple):
        raise RunError(NO_VALUE, "What it was given is no list.")
    separator = str(options.get("separator", "\n")).replace("\\n", "\n")  # as people type a line end into a field
    return separator.join(written(item) for item in value if item is not None)


TRANSFORMS: Mapping[str, Transform] = {
    transform.name: transform
    for transform in (
        Transform("strip", "without space around it", TEXT, TEXT, lambda value, _: written(value).strip()),
        Transform("lower", "in small letters", TEXT, TEXT, lambda value, _: written(value).lower()),
        Transform("upper", "in capital letters", TEXT, TEXT, lambda value, _: written(value).upper()),
        Transform("first_line", "the first line that says something", TEXT, TEXT, _first_line),
        Transform("number", "the number that it gives", TEXT, NUMBER, _number),
        Transform("lines", "a list of its lines", TEXT, LIST, _lines),
        Transform("json", "the JSON in it, as data", ANY, ANY, _json),
        Transform("json_field", "one field of the JSON in it", ANY, ANY, _json_field, option="field"),
        Transform("join", "the items of a list in one text", LIST, TEXT, _join, option="separator"),
    )
}
