"""What exactly would be sent: a version, or what is typed in the editor, rendered with sample inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents import build
from agents.admin.prompts.cleaned import read_value
from agents.admin.prompts.initial import PROVIDED, shown
from agents.models import Agent, PromptVersion
from agents.runtime.errors import ConfigurationError, PromptError
from agents.runtime.llm import Message
from agents.runtime.prompts import (
    Problem,
    PromptSpec,
    Selected,
    extra_values,
    parse_prompt,
    problems,
    render,
    selected,
)
from agents.runtime.strategies.first_call import first_messages
from agents.services.prompts import pin_includes

FIELD = "sample-"


@dataclass(frozen=True, slots=True)
class Sample:
    """One variable with the value to try."""

    name: str
    value: str

    @property
    def field(self) -> str:
        return FIELD + self.name


@dataclass(frozen=True, slots=True)
class Preview:
    """The messages as the model gets them, or the sentence that says why there are none."""

    samples: Sequence[Sample] = ()
    messages: Sequence[Message] = ()
    problem: str = ""
    spec: PromptSpec | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[int] = ()
    extra: Sequence[str] = ()
    chosen: Selected | None = None

    @property
    def warnings(self) -> list[str]:
        """What keeps nobody from saving, but is probably not meant."""
        found = problems(self.spec, provided=PROVIDED) if self.spec else []
        warnings = [self._with_row(problem) for problem in found if problem.level == "warning"]
        if self.extra:
            warnings.append(f"Nothing in the prompt uses the value of {', '.join(self.extra)}.")
        if self.chosen and (numbers := self._numbers(self.chosen.left_out)):
            warnings.append(f"Asks exactly this, and is left out, as it would give the answer away: example {numbers}.")
        return warnings

    @property
    def shown_examples(self) -> str:
        """The examples that are shown with these values, where not all are."""
        if self.spec is None or self.chosen is None or len(self.chosen.places) == len(self.spec.examples):
            return ""
        return self._numbers(self.chosen.places) or "none"

    def _numbers(self, places: Sequence[int]) -> str:
        return ", ".join(str(self.rows[place]) if place < len(self.rows) else str(place + 1) for place in places)

    def _with_row(self, problem: Problem) -> str:
        """Examples are counted as the editor counts them: with those that are switched off."""
        kind, _, number = problem.where.partition(" ")
        if kind != "example":
            return problem.detail
        index = int(number) - 1
        return f"Example {self.rows[index] if index < len(self.rows) else number}: {problem.detail}"

    @property
    def is_complete(self) -> bool:
        return all(sample.value for sample in self.samples)


def preview_of(
    version: PromptVersion,
    asked: Mapping[str, str],
    *,
    data: Mapping[str, Any] | None = None,
    rows: Sequence[int] | None = None,
) -> Preview:
    """A version, or what is typed: `data`, with the places of its examples in the editor.

    Variables without a value or a default are shown as ‹name›, so that the form of the prompt can be read at once."""
    try:
        spec = build.spec_of(version) if data is None else _typed(version, data)
    except PromptError as error:
        return Preview(problem=error.detail)
    if rows is None:
        rows = [number for number, example in enumerate(version.examples.all(), 1) if example.enabled]
    samples = [Sample(name, asked.get(FIELD + name, "")) for name in _asked_for(spec)]
    if not any(sample.value for sample in samples):
        samples = [Sample(sample.name, _first_known(version, sample.name)) for sample in samples]
    types = {variable.name: variable.type for variable in spec.variables}
    inputs = {s.name: read_value(s.value, types.get(s.name, "string")) for s in samples if s.value}
    unfilled = {variable.name: f"‹{variable.name}›" for variable in spec.variables if variable.default is None}
    shown_inputs = {s.name: inputs.get(s.name, unfilled.get(s.name)) for s in samples}
    asked_for = {name.removeprefix(FIELD): value for name, value in asked.items() if name.startswith(FIELD) and value}
    found = Preview(samples=samples, spec=spec, inputs=inputs, rows=rows, extra=extra_values(spec, asked_for))
    provided = {name: f"‹{name}›" for name in PROVIDED}
    try:
        chosen = selected(spec, shown_inputs, history=(), provided=provided)
        messages = _as_its_agent(version, spec, shown_inputs) or first_messages(
            spec, lambda variant: render(variant, shown_inputs, history=(), provided=provided, examples=chosen.examples)
        )
    except PromptError as error:
        return replace(found, problem=error.detail)
    return replace(found, messages=messages, chosen=chosen)


def _typed(version: PromptVersion, data: Mapping[str, Any]) -> PromptSpec:
    """What is typed, with the versions that saving it now would include."""
    fixed = pin_includes(data, slug=version.prompt.slug)
    return parse_prompt(fixed, build.included(fixed))


def _as_its_agent(version: PromptVersion, spec: PromptSpec, inputs: Mapping[str, Any]) -> list[Message] | None:
    """With the tools and the format that the first agent adds which uses the prompt, if one of them does."""
    for agent in version.prompt.agents.exclude(agent_type=Agent.Type.CONVERSATION):
        try:
            messages = build.messages_for(agent, spec, inputs)
        except ConfigurationError:  # said where the agent is saved
            continue
        if messages:
            return messages
    return None


def _asked_for(spec: PromptSpec) -> list[str]:
    return [variable.name for variable in spec.variables if variable.name not in PROVIDED]


def _first_known(version: PromptVersion, name: str) -> str:
    """A value to begin with: of the newest trial of this prompt, if it was ever measured."""
    from agents.models import Trial

    trial = Trial.objects.filter(evaluation__version__prompt=version.prompt_id).order_by("-pk").first()
    return shown(trial.inputs.get(name, "")) if trial else ""
