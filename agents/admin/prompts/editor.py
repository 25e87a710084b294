"""The editor of a draft: all its forms together, with every problem at its field."""

import re
from typing import Any

from django import forms
from django.http import QueryDict

from agents.admin.prompts.cleaned import example_in, message_in, output_in, plain_text, variable_in, without_empty
from agents.admin.prompts.example_form import ExamplePlacingForm
from agents.admin.prompts.forms import ExampleForm, MessageForm, SettingsForm, VariableForm, as_placed, rows_of
from agents.admin.prompts.initial import columns_of, examples_of, messages_of, settings_of, variables_of
from agents.admin.prompts.strategy_form import StrategyForm, initial_of
from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.templates.formats import parse_template
from agents.services.prompts import DraftChanged, PromptProblems


class Editor:
    """The forms of one draft. Whatever was typed is shown again until it is saved."""

    def __init__(self, version: PromptVersion, data: QueryDict | None = None) -> None:
        self.version = version
        self.problems: list[str] = []
        self.overtaken = ""
        self.edition = version.edition if data is None else data.get("edition")
        self.columns = _posted_columns(data) if data is not None else columns_of(version)
        self.settings = SettingsForm(data, initial=settings_of(version))
        self.strategy = StrategyForm(data, initial=initial_of(version))
        self.messages = rows_of(MessageForm, 1)(data, prefix="messages", initial=messages_of(version))
        self.variables = rows_of(VariableForm, 1)(data, prefix="variables", initial=variables_of(version))
        self.examples = rows_of(ExampleForm, 1)(
            data,
            prefix="examples",
            initial=examples_of(version),
            form_kwargs={"columns": self.columns},
        )
        self.placing = ExamplePlacingForm(version.example_template, data)
        self.parts = (self.settings, self.strategy, self.messages, self.variables, self.examples, self.placing)

    def is_valid(self) -> bool:
        """Whether every field can be read and every template parsed; each problem stands at its field."""
        # Lists, not generators: every part is to show its problems, not only the first.
        read = all([part.is_valid() for part in self.parts])  # noqa: C419
        parsed = [self._parses(form) for form in self._kept(self.messages)] if read else []
        return read and all(parsed)

    def _parses(self, form: forms.Form) -> bool:
        """A place like line 3, column 8 counts within the message, as the person sees it."""
        if form.cleaned_data["kind"].startswith("slot:"):
            return True
        try:
            parse_template(plain_text(form.cleaned_data["content"]), self.settings.cleaned_data["format"], None)
        except PromptError as error:
            form.add_error("content", _with_place(error))
            return False
        return True

    @property
    def message_rows(self) -> list[forms.Form]:
        return as_placed(self.messages)

    @property
    def example_rows_shown(self) -> list[forms.Form]:
        return as_placed(self.examples)

    @property
    def has_problems(self) -> bool:
        """Whether any field is marked. Only of a form that was sent."""
        return any(
            form.errors
            for form in (
                self.settings,
                self.strategy,
                self.placing,
                *self.messages,
                *self.variables,
                *self.examples,
            )
        )

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Where something is wrong: the id of each marked field, and what to call it."""
        found = [
            (form[name].id_for_label, form[name].label)
            for form in (self.settings, self.strategy, self.placing)
            for name in form.errors
        ]
        for title, formset in (("Message", self.messages), ("Variable", self.variables), ("Example", self.examples)):
            for place, form in enumerate(_shown_rows(formset), 1):
                found += [(form[name].id_for_label, f"{title} {place}") for name in list(form.errors)[:1]]
        return found

    def content(self) -> dict[str, Any]:
        """What the forms say, in the prompt file's keys. Only after is_valid()."""
        values = self.settings.cleaned_data
        parameters = dict(values["other_parameters"])
        for name in ("temperature", "max_tokens"):
            if values[name] is not None:
                parameters[name] = values[name]
        return {
            "format": values["format"],
            "variables": [
                variable_in(form.cleaned_data) for form in self._kept(self.variables) if form.cleaned_data["name"]
            ],
            "messages": [message_in(form.cleaned_data) for form in self._kept(self.messages) if _says_something(form)],
            "example": {
                **without_empty(
                    {"user": plain_text(values["example_user"]), "assistant": plain_text(values["example_assistant"])}
                ),
                **self.placing.example(),
            },
            "strategy": self.strategy.cleaned_data["strategy"],
            "strategy_options": self.strategy.options(self.version.strategy_options),
            "output": output_in(values),
            "model": values["model"],
            "parameters": parameters,
            "commit_message": values["commit_message"],
        }

    def example_rows(self) -> list[dict[str, Any]]:
        types = {form.cleaned_data["name"]: form.cleaned_data["type"] for form in self._kept(self.variables)}
        return [example_in(form, types) for form in self._kept(self.examples) if not form.is_blank]

    def example_places(self) -> list[int]:
        """The place of each example that is switched on, counted as the person sees the rows."""
        kept = [form for form in self._kept(self.examples) if not form.is_blank]
        return [place for place, form in enumerate(kept, 1) if form.cleaned_data["enabled"]]

    def file(self) -> dict[str, Any]:
        """The content with its examples: what the runtime parses for a preview."""
        enabled = [row for row in self.example_rows() if row["enabled"]]
        rows = [{key: row[key] for key in ("inputs", "output", "reasoning")} for row in enabled]
        content = {key: value for key, value in self.content().items() if key not in ("model", "commit_message")}
        return {**content, "examples": rows}

    def show(self, error: PromptError) -> None:
        """Put what the service refused next to the field it is about, or above the form."""
        found = error.problems if isinstance(error, PromptProblems) else None
        if found is None:
            self.problems.append(_with_place(error))
            return
        for problem in found:
            form, field = self._field_at(problem.where)
            place = problem.where.partition(", ")[2]  # within the message; the row is where it stands
            if form is not None:
                form.add_error(field, f"{place.capitalize()}: {problem.detail}" if place else problem.detail)
            else:
                self.problems.append(f"{problem.where}: {problem.detail}" if problem.where else problem.detail)

    def overtake(self, error: DraftChanged) -> None:
        """Say who saved the draft meanwhile. Saving once more, now that it is known, puts this in its place."""
        self.overtaken = error.detail
        self.edition = error.draft.edition

    def _field_at(self, where: str) -> tuple[forms.Form | None, str]:
        """The row behind a place like “message 2, line 1, column 5” or “example 3”, counted as the service did."""
        found = re.match(r"(message|example) (\d+)", where or "")
        if found is None:
            return None, ""
        if found[1] == "message":
            shown, field = [form for form in self._kept(self.messages) if _says_something(form)], "content"
        else:
            kept = self._kept(self.examples)
            shown, field = [form for form in kept if not form.is_blank and form.cleaned_data["enabled"]], "output"
        index = int(found[2]) - 1
        return (shown[index], field) if index < len(shown) else (None, "")

    @staticmethod
    def _kept(formset: forms.BaseFormSet) -> list[forms.Form]:
        """The rows that stay, in the order that was chosen; unnumbered ones last."""
        stay = [form for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return sorted(stay, key=lambda form: form.cleaned_data.get("ORDER") or 10_000)


def _shown_rows(formset: forms.BaseFormSet) -> list[forms.Form]:
    rows = as_placed(formset)
    return [form for form in rows if form.errors or (form.cleaned_data and not form.cleaned_data.get("DELETE"))]


def _posted_columns(data: QueryDict) -> list[str]:
    posted = [name for name in data.get("columns", "").split(",") if name]
    return list(dict.fromkeys(posted))


def _with_place(error: PromptError) -> str:
    if error.line is None or f"line {error.line}" in error.detail:
        return error.detail
    return f"{error.detail} (line {error.line}, column {error.column})"


def _says_something(form: forms.Form) -> bool:
    return form.cleaned_data["kind"].startswith("slot:") or bool(form.cleaned_data["content"].strip())
