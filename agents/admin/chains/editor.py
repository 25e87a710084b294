"""The editor of a chain: all its rows together, with every problem at the row that it is about."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from agents.admin.chains import initial
from agents.admin.chains.choices import guess, outputs, parameters_of, runnable, sources_for
from agents.admin.chains.forms import InputForm, SettingsForm, StepForm
from agents.admin.prompts.forms import as_placed, rows_of
from agents.models import Chain
from agents.runtime.chains import ChainProblems, ChainSpec, ChainStep, Problem, parse_chain, with_mapping
from agents.runtime.chains.catalogue import signature_of
from agents.services.chains import RowCatalogue

# What is longer is no number that was meant, and the form refuses it.
NUMBER = re.compile(r"[0-9]{1,9}\Z")
PROBLEM_FIELDS = {"target": "runs", "default": "otherwise"}


class Editor:
    """The forms of one chain. Whatever was typed is shown again until it is saved."""

    def __init__(self, chain: Chain, data: QueryDict | None = None) -> None:
        self.chain = chain
        self.problems: list[str] = []
        self.is_bound = data is not None
        self.catalogue = RowCatalogue()
        stored = None if data is not None else self._stored()
        self.inputs = rows_of(InputForm, 1)(data, prefix="inputs", initial=initial.inputs_of(chain))
        self.steps = rows_of(StepForm, 1)(
            data,
            prefix="steps",
            initial=initial.steps_of(stored),
            form_kwargs={"runnable": runnable(without=chain.slug)},
        )
        self.spec = self._ask(_kept(self.steps))
        self.settings = SettingsForm(data, initial=initial.settings_of(chain), outputs=list(outputs(self.spec)))

    def _stored(self) -> ChainSpec | None:
        if not self.chain.definition:
            return None
        try:
            spec = parse_chain(self.chain.definition)
        except ChainProblems as error:
            self.problems = [str(problem) for problem in error.problems]
            return None
        return with_mapping(spec, lambda step: signature_of(step, self.catalogue))

    def _ask(self, rows: list[StepForm]) -> ChainSpec | None:
        """Give each row the selects that it needs: what it runs says what is asked, its place says what is offered."""
        named = [(form, step) for number, form in enumerate(rows, 1) if (step := _readable(form, number))]
        asked: list[tuple[StepForm, ChainStep]] = []
        for form, definition in named:
            try:
                (step,) = parse_chain({"steps": [definition]}).steps
            except ChainProblems:
                continue
            asked.append((form, step))
        if not asked:
            return None
        memory = self.settings_value("memory")
        inputs = parse_chain({"inputs": _readable_inputs(self.inputs), "steps": [{"id": "x", "prompt": "x"}]}).inputs
        spec = ChainSpec(inputs, tuple(step for _, step in asked), memory=memory)
        for row, (form, step) in enumerate(asked, 1):
            parameters = parameters_of(step, self.catalogue, memory=memory)
            sources = {one.name: sources_for(spec, self.catalogue, row, one) for one in parameters}
            form.ask(parameters, sources, {one.name: guess(spec, row, one) for one in parameters})
        return spec

    def settings_value(self, name: str) -> str:
        if self.is_bound:
            return str(self.inputs.data.get(name, "")).strip()
        return str(self.chain.definition.get(name, "") or "")

    # --- what the page shows

    @property
    def input_rows(self) -> list[forms.Form]:
        return as_placed(self.inputs)

    @property
    def step_rows(self) -> list[forms.Form]:
        return as_placed(self.steps)

    @property
    def has_problems(self) -> bool:
        return bool(self.problems) or any(form.errors for form in (self.settings, *self.inputs, *self.steps))

    # --- what was typed

    def is_valid(self) -> bool:
        return all([part.is_valid() for part in (self.settings, self.inputs, self.steps)])  # noqa: C419 - all of them

    def definition(self) -> dict[str, Any]:
        """What the rows say, as it is stored. Only of what can be read; the service says what is wrong with it."""
        definition: dict[str, Any] = {
            "inputs": [_input_in(form) for form in _kept(self.inputs)],
            "steps": [_step_in(form) for form in _kept(self.steps)],
        }
        for name in ("output", "memory"):
            if value := self.settings_value(name):
                definition[name] = value
        return definition

    def show(self, error: ChainProblems) -> None:
        """Put what the service refused at the row and the field that it is about, or above the form."""
        rows = _kept(self.steps)
        for problem in error.problems:
            if 0 < problem.row <= len(rows):
                self._at_step(rows[problem.row - 1], problem)
            else:
                self._at_chain(problem)

    def _at_step(self, form: StepForm, problem: Problem) -> None:
        if form.target[0] == "branch" and problem.key not in ("value", "id", "output"):
            named = "otherwise" if problem.key in ("default", form["otherwise"].value()) else "cases"
        else:
            is_each = problem.key == form["each"].value()
            named = "each" if is_each else PROBLEM_FIELDS.get(problem.key, problem.key)
        for field in (f"input-{problem.key}", named, "runs"):
            if field in form.fields:
                form.add_error(field, problem.detail)
                return

    def _at_chain(self, problem: Problem) -> None:
        if problem.key in ("output", "memory", "slug"):
            self.settings.add_error(problem.key, problem.detail)
            return
        row = next((form for form in _kept(self.inputs) if form["name"].value() == problem.key), None)
        if row is not None:
            row.add_error("name", problem.detail)
        else:
            self.problems.append(problem.detail)


def _kept(formset: forms.BaseFormSet) -> list[Any]:
    """The rows that say something and stay, in the order that was chosen."""
    rows = as_placed(formset)
    return [form for form in rows if not form.is_blank and not (form.is_bound and form["DELETE"].value())]


def _readable(form: StepForm, number: int) -> dict[str, Any] | None:
    """A step as far as it is typed, so that the others can be offered what they may read."""
    if not all(form.target[:1]):
        return None
    step = _step_in(form)
    return {**step, "id": step["id"] if step["id"].isidentifier() else f"step_{number}", "inputs": {}}


def _readable_inputs(formset: forms.BaseFormSet) -> list[str]:
    names = [form["name"].value().strip() for form in _kept(formset)]
    return [name for name in names if name.isidentifier() and name.isascii() and not name.startswith("_")]


def _input_in(form: InputForm) -> dict[str, Any]:
    default = form["default"].value() or ""
    row: dict[str, Any] = {"name": form["name"].value().strip(), **(_extra(form) or {})}
    if description := (form["description"].value() or "").strip():
        row["description"] = description
    if default:
        row["default"] = default
    elif not form["required"].value():
        row["required"] = False
    return row


def _extra(form: InputForm) -> Mapping[str, Any] | None:
    value = form.fields["extra"].clean(form["extra"].value()) if form.is_bound else form.initial.get("extra")
    return value if isinstance(value, Mapping) else None


def _step_in(form: StepForm) -> dict[str, Any]:
    kind, reference = form.target
    value = {name: (form[name].value() if form[name].value() is not None else "") for name in form.base_fields}
    step: dict[str, Any] = {"id": str(value["id"]).strip()}
    if kind:
        step[kind] = (
            {"cases": _cases(value["cases"]), "default": value["otherwise"].strip()} if kind == "branch" else reference
        )
    step["inputs"] = {one.name: found for one in form.parameters if (found := form.source_of(one.name)) is not None}
    for name in ("title", "output", "each", "field", "separator"):
        if value[name]:
            step[name] = value[name] if name == "separator" else value[name].strip()
    for name, usual in (("at_once", 4), ("retries", 0)):
        if NUMBER.match(str(value[name])) and int(value[name]) != usual:
            step[name] = int(value[name])
    if value["on_error"] == "skip":
        step["on_error"] = "skip"
    elif value["on_error"] == "default":
        step["on_error"] = {"default": value["default"]}
    return step


def _cases(text: str) -> dict[str, str]:
    pairs = (line.partition("=")[::2] for line in text.splitlines() if line.strip())
    return {label.strip(): arm.strip() for label, arm in pairs}
