"""The fields of the editor: one form for what is a single value, and rows of messages, variables and examples."""

from collections.abc import Sequence
from typing import Any

from django import forms

from agents.admin.fields import JsonFormField
from agents.models import PromptVersion
from agents.runtime.answers.patterns import PatternError, compile_pattern
from agents.runtime.answers.schema import schema_problem

ROLES = [("system", "System"), ("user", "User"), ("assistant", "Assistant")]
SLOTS = [("slot:examples", "Slot: examples"), ("slot:history", "Slot: history"), ("slot:steps", "Slot: steps")]
SLOTS += [(f"{slot}:needed", f"{label}, never without") for slot, label in SLOTS]
KINDS = [
    ("text", "Text"),
    ("number", "Number"),
    ("choice", "Choice"),
    ("boolean", "Yes or no"),
    ("label", "Label"),
    ("json", "JSON"),
]
EXTRACTIONS = [
    ("auto", "Automatic"),
    ("first", "The first that fits"),
    ("last", "The last that fits"),
    ("after", "What follows a phrase"),
    ("json", "A field of a JSON answer"),
    ("regex", "What a regular expression finds"),
    ("program", "The result of a program"),
]
TYPES = [(name, name) for name in ("string", "number", "boolean", "choice", "json")]


class SettingsForm(forms.Form):
    """Everything that is one value."""

    format = forms.ChoiceField(choices=PromptVersion.Format.choices, label="Template format")
    model = forms.CharField(max_length=200, label="Model", help_text="“default”, a model's short name, or its id.")
    temperature = forms.FloatField(
        required=False, min_value=0, max_value=2, widget=forms.NumberInput(attrs={"step": 0.1})
    )
    max_tokens = forms.IntegerField(required=False, min_value=1, label="Most tokens of an answer")
    other_parameters = JsonFormField(
        required=False, initial=dict, label="Other parameters", help_text='By the API\'s names, such as {"top_p": 0.9}.'
    )
    kind = forms.ChoiceField(choices=KINDS, label="The answer is")
    choices = forms.CharField(
        required=False,
        label="Allowed answers",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line; for Choice and Label.",
    )
    schema = JsonFormField(required=False, initial=dict, label="JSON schema", help_text="For JSON.")
    extract = forms.ChoiceField(choices=EXTRACTIONS, label="How it is found")
    extract_argument = forms.CharField(
        required=False,
        label="Phrase, field or expression",
    )
    instruction = forms.ChoiceField(
        choices=[("auto", "Add the instruction that fits"), ("none", "The prompt says it itself")],
        label="Format instruction",
    )
    example_user = forms.CharField(
        required=False,
        label="An example's question",
        widget=forms.Textarea(attrs={"rows": 2, "class": "code"}),
        help_text="Empty: written like the last user message.",
    )
    example_assistant = forms.CharField(
        required=False,
        label="An example's answer",
        widget=forms.Textarea(attrs={"rows": 2, "class": "code"}),
        help_text="Empty: its reasoning, if any, and its output.",
    )
    commit_message = forms.CharField(
        required=False,
        max_length=300,
        label="What changed, and why",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") in ("choice", "label") and not cleaned.get("choices", "").strip():
            self.add_error("choices", "Name the allowed answers, one a line.")
        if cleaned.get("extract") in ("after", "json", "regex") and not cleaned.get("extract_argument", "").strip():
            self.add_error("extract_argument", "Say which: the phrase, the field or the expression.")
        if cleaned.get("extract") == "regex":
            self._check_expression(cleaned.get("extract_argument", ""))
        if isinstance(cleaned.get("schema"), dict) and (problem := schema_problem(cleaned["schema"])):
            self.add_error("schema", problem)
        for name in ("other_parameters", "schema"):
            if cleaned.get(name) is not None and not isinstance(cleaned[name], dict):
                self.add_error(name, 'This must be an object in braces, such as {"top_p": 0.9}.')
        return cleaned

    def _check_expression(self, expression: str) -> None:
        try:
            compile_pattern(expression)
        except PatternError as error:
            self.add_error("extract_argument", str(error))


class MessageForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[*ROLES, *SLOTS], initial="user", widget=forms.Select(attrs={"aria-label": "Role or slot"})
    )
    content = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "code", "spellcheck": "true", "data-grows": "", "aria-label": "Text"}
        ),
    )


class VariableForm(forms.Form):
    name = forms.RegexField(
        r"^[A-Za-z][A-Za-z0-9_]*\Z",
        required=False,
        max_length=60,
        label="Name",
        error_messages={"invalid": "A name begins with a letter and has letters, digits and _ only."},
    )
    type = forms.ChoiceField(choices=TYPES, required=False, widget=forms.Select(attrs={"aria-label": "Type"}))
    required = forms.BooleanField(required=False, initial=True, label="Required")
    default = forms.CharField(required=False, label="Default")
    # Keys that have no field here (description, max_length, choices) are carried along.
    extra = forms.JSONField(required=False, widget=forms.HiddenInput)


def cell(name: str) -> forms.Textarea:
    """A field of a table, named by its column."""
    return forms.Textarea(attrs={"rows": 2, "data-grows": "", "aria-label": name})


class ExampleForm(forms.Form):
    reasoning = forms.CharField(required=False, strip=False, widget=cell("Reasoning"))
    output = forms.CharField(required=False, strip=False, widget=cell("Output"))
    enabled = forms.BooleanField(
        required=False, initial=True, widget=forms.CheckboxInput(attrs={"aria-label": "In use"})
    )
    source = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, columns: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = list(columns)
        for column in columns:
            self.fields[f"input-{column}"] = forms.CharField(required=False, strip=False, widget=cell(column))

    def inputs(self) -> list[forms.BoundField]:
        return [self[f"input-{column}"] for column in self.columns]

    @property
    def is_blank(self) -> bool:
        texts = [f"input-{column}" for column in self.columns] + ["reasoning", "output"]
        return not any((self.cleaned_data.get(name) or "").strip() for name in texts)


def rows_of(form: type[forms.Form], extra: int) -> type[forms.BaseFormSet]:
    return forms.formset_factory(form, extra=extra, can_order=True, can_delete=True, max_num=1000, absolute_max=1000)


def as_placed(formset: forms.BaseFormSet) -> list[forms.Form]:
    """The rows as the person left them: a page that is shown again must not undo their order."""

    def place(form: forms.Form) -> int:
        value = str(form["ORDER"].value() or "")
        return int(value) if value.isdecimal() else 10_000

    return sorted(formset.forms, key=place)
