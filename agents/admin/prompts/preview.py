"""What exactly would be sent: a version, or what is typed in the editor, rendered with sample inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents import build
from agents.admin.prompts.cleaned import read_value
from agents.admin.prompts.initial import PROVIDED, shown
from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.llm import Message
from agents.runtime.prompts import Problem, PromptSpec, parse_prompt, problems, render

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

    @property
    def warnings(self) -> list[str]:
        """What keeps nobody from saving, but is probably not meant."""
        found = problems(self.spec, provided=PROVIDED) if self.spec else []
        return [self._with_row(problem) for problem in found if problem.level == "warning"]

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

    Variables without a value are shown as ‹name›, so that the form of the prompt can be read at once."""
    try:
        spec = build.spec_of(version) if data is None else parse_prompt(data)
    except PromptError as error:
        return Preview(problem=error.detail)
    if rows is None:
        rows = [number for number, example in enumerate(version.examples.all(), 1) if example.enabled]
    samples = [Sample(name, asked.get(FIELD + name, "")) for name in _asked_for(spec)]
    if not any(sample.value for sample in samples):
        samples = [Sample(sample.name, _first_known(version, sample.name)) for sample in samples]
    types = {variable.name: variable.type for variable in spec.variables}
    inputs = {s.name: read_value(s.value, types.get(s.name, "string")) for s in samples if s.value}
    shown_inputs = {s.name: inputs.get(s.name, f"‹{s.name}›") for s in samples}
    try:
        messages = render(spec, shown_inputs, provided={name: f"‹{name}›" for name in PROVIDED})
    except PromptError as error:
        return Preview(samples=samples, problem=error.detail, spec=spec, inputs=inputs, rows=rows)
    return Preview(samples=samples, messages=messages, spec=spec, inputs=inputs, rows=rows)


def _asked_for(spec: PromptSpec) -> list[str]:
    return [variable.name for variable in spec.variables if variable.name not in PROVIDED]


def _first_known(version: PromptVersion, name: str) -> str:
    """A value to begin with: of the newest trial of this prompt, if it was ever measured."""
    from agents.models import Trial

    trial = Trial.objects.filter(evaluation__version__prompt=version.prompt_id).order_by("-pk").first()
    return shown(trial.inputs.get(name, "")) if trial else ""
