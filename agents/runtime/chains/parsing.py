"""From the stored form of a chain (a mapping) to a `ChainSpec`, or everything in it that can't be read.

    inputs: [product]                          # or {name: product, required: false, default: …, description: …}
    steps:
    - {id: name, prompt: company-name, inputs: {product: input.product}}
    - {id: slogan, prompt: slogan@staging, inputs: {name: steps.name, tone: {value: cheerful}}, output: slogan}
    output: slogan

A step names one of prompt, agent, chain, transform and branch. A source is `input.NAME`, `steps.ID`,
`steps.ID.FIELD`, or a fixed value: `{value: …}`, or any text, number or list that doesn't look like one of the others.
"""

import re
from collections.abc import Mapping
from typing import Any

from agents.runtime.chains.problems import ChainProblems, Problem
from agents.runtime.chains.spec import (
    KINDS,
    MOST_AT_ONCE,
    MOST_RETRIES,
    NAME,
    ChainSpec,
    ChainStep,
    Source,
    StepKind,
)
from agents.runtime.chains.transforms import TRANSFORMS
from agents.runtime.prompts.spec import TYPES, Variable

# Nearly-right words count too: a slip must not turn into a fixed text that is sent as it stands.
REFERENCE = re.compile(r"\s*(inputs?|steps?)\.([^\s.]+)(?:\.(\S+))?\s*\Z", re.IGNORECASE)
DEFAULT_INPUT = Variable("input")


def parse_chain(data: Any) -> ChainSpec:
    """Raise ChainProblems with all that can't be read; whether it makes sense is `problems` of checks.py to say."""
    return _Reader().read(data)


def parse_source(value: Any) -> Source:
    if isinstance(value, Mapping) and set(value) == {"value"}:
        return Source("literal", value=value["value"])
    found = REFERENCE.match(value) if isinstance(value, str) else None
    if found is None:
        return Source("literal", value=value)
    head, name, inner = found.groups()
    if head.lower().startswith("input"):
        # A field of an input isn't offered: `inner` makes it a name that no input has.
        return Source("input", name if inner is None else f"{name}.{inner}")
    return Source("step", name, inner or "")


class _Reader:
    """Reads on after a problem, so that all are found at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, data: Any) -> ChainSpec:
        data = self._mapping(data, "A chain", 0)
        steps = self._list(data.get("steps"), "steps", 0)
        spec = ChainSpec(
            inputs=tuple(self._inputs(data.get("inputs"))),
            steps=tuple(step for row, item in enumerate(steps, 1) if (step := self._step(item, row))),
            output=self._text(data.get("output"), "output", 0),
            memory=self._text(data.get("memory"), "memory", 0),
        )
        if not spec.steps and not self.problems:
            self._bad("A chain needs at least one step.", 0, "steps")
        if self.problems:
            raise ChainProblems(self.problems)
        return spec

    # --- inputs

    def _inputs(self, items: Any) -> list[Variable]:
        if items is None or items == []:
            return [DEFAULT_INPUT]
        return [found for item in self._list(items, "inputs", 0) if (found := self._input(item))]

    def _input(self, item: Any) -> Variable | None:
        fields = {"name": item} if isinstance(item, str) else self._mapping(item, "An input", 0)
        name, default = fields.get("name"), fields.get("default")
        kind: Any = fields.get("type") or "string"
        choices = tuple(str(choice) for choice in fields.get("choices") or ())
        if not isinstance(name, str) or not NAME.match(name):
            self._bad(f"“{name}” can't be the name of an input: letters, digits and _ only.", 0, "inputs")
            return None
        if kind not in TYPES or (kind == "choice" and not choices):
            self._bad(f"The type of {name} is one of {', '.join(TYPES)}; a choice needs choices.", 0, name)
            return None
        required = bool(fields.get("required", True)) and default is None
        return Variable(name, kind, required, default, str(fields.get("description") or ""), choices=choices)

    # --- steps

    def _step(self, item: Any, row: int) -> ChainStep | None:
        fields = self._mapping(item, "A step", row)
        step_id = fields.get("id")
        if not isinstance(step_id, str) or not NAME.match(step_id):
            self._bad("The id of a step is made of letters, digits and _, and starts with a letter.", row, "id")
            return None
        kinds = [kind for kind in KINDS if kind in fields]
        if len(kinds) != 1:
            self._bad(f"Say what the step runs, as one of {', '.join(KINDS)}.", row, "target", step_id)
            return None
        kind: Any = kinds[0]
        on_error, default = self._on_error(fields.get("on_error") or "fail", row, step_id)
        cases, otherwise = self._branch(fields["branch"], row, step_id) if kind == "branch" else ({}, "")
        return ChainStep(
            id=step_id,
            kind=kind,
            target="" if kind == "branch" else self._target(kind, fields[kind], row, step_id),
            output=self._text(fields.get("output"), "output", row, step_id) or step_id,
            title=self._text(fields.get("title"), "title", row, step_id) or _title(step_id),
            inputs=self._sources(fields.get("inputs"), row, step_id),
            options={key: str(fields[key]) for key in ("field", "separator") if fields.get(key) is not None},
            each=self._text(fields.get("each"), "each", row, step_id),
            at_once=self._number(fields.get("at_once", 4), "at_once", 1, MOST_AT_ONCE, row, step_id),
            on_error=on_error,
            default=default,
            retries=self._number(fields.get("retries", 0), "retries", 0, MOST_RETRIES, row, step_id),
            cases=cases,
            otherwise=otherwise,
        )

    def _target(self, kind: StepKind, value: Any, row: int, step_id: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self._bad(f"Say which {kind} the step runs.", row, "target", step_id)
            return ""
        if kind == "transform" and value not in TRANSFORMS:
            detail = f"There is no transform “{value}”. Transforms: {', '.join(TRANSFORMS)}."
            self._bad(detail, row, "target", step_id)
        return value.strip()

    def _sources(self, items: Any, row: int, step_id: str) -> dict[str, Source] | None:
        if items is None:
            return None
        found = self._mapping(items, "The inputs of a step", row, step_id)
        return {str(name): parse_source(value) for name, value in found.items()}

    def _on_error(self, value: Any, row: int, step_id: str) -> tuple[Any, Any]:
        if value in ("fail", "skip"):
            return value, None
        if isinstance(value, Mapping) and set(value) == {"default"}:
            return "default", value["default"]
        self._bad("on_error is fail, skip, or {default: value}.", row, "on_error", step_id)
        return "fail", None

    def _branch(self, value: Any, row: int, step_id: str) -> tuple[dict[str, str], str]:
        fields = self._mapping(value, "A branch", row, step_id)
        cases = self._mapping(fields.get("cases") or {}, "The cases of a branch", row, step_id)
        return {str(label): str(arm) for label, arm in cases.items()}, str(fields.get("default") or "")

    # --- what is expected where

    def _mapping(self, value: Any, what: str, row: int, step: str = "") -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self._bad(f"{what} is an object with named fields.", row, "", step)
        return {}

    def _list(self, value: Any, key: str, row: int) -> list[Any]:
        if value is None or isinstance(value, list | tuple):
            return list(value or ())
        self._bad(f"“{key}” is a list.", row, key)
        return []

    def _text(self, value: Any, key: str, row: int, step: str = "") -> str:
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self._bad(f"“{key}” is a text.", row, key, step)
        return ""

    def _number(self, value: Any, key: str, least: int, most: int, row: int, step: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._bad(f"“{key}” is a whole number from {least} to {most}.", row, key, step)
        return least

    def _bad(self, detail: str, row: int, key: str, step: str = "") -> None:
        step = step or (f"step {row}" if row else "")
        self.problems.append(Problem("bad_definition", detail, step, key, row))


def _title(step_id: str) -> str:
    words = step_id.replace("_", " ")
    return words[:1].upper() + words[1:]
