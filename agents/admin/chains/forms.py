"""The fields of a chain: what is one value, its inputs, and its steps with a select for each thing they need."""

from typing import Any

from django import forms

from agents.admin.chains.choices import FIXED, Choices
from agents.runtime.chains import Parameter
from agents.runtime.chains.spec import MOST_AT_ONCE, MOST_RETRIES

ON_ERROR = [("fail", "End the chain"), ("skip", "Go on without its output"), ("default", "Go on with this text")]


def with_chosen(choices: Choices, chosen: str | None) -> Choices:
    """The choices and what was chosen before: where that isn't possible any more it stays shown, and the check of the
    chain says why.
    """
    lost = chosen and chosen not in dict(choices)
    return [*choices, (str(chosen), f"{chosen} (not possible here)")] if lost else choices


class SettingsForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name")
    slug = forms.SlugField(max_length=80, label="Slug", help_text="Its name in addresses and in other chains.")
    description = forms.CharField(required=False, label="Description", widget=forms.Textarea(attrs={"rows": 2}))
    output = forms.ChoiceField(required=False, label="The answer is the output of")
    memory = forms.CharField(
        required=False,
        max_length=60,
        label="Name for the earlier turns",
        help_text="With a name, steps can be given what was said before in the chat. Empty: they see none of it.",
    )

    def __init__(self, *args: Any, outputs: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["output"].choices = with_chosen(outputs, self["output"].value())


class InputForm(forms.Form):
    name = forms.CharField(required=False, max_length=60, label="Name")
    description = forms.CharField(required=False, label="What it is")
    required = forms.BooleanField(required=False, initial=True, label="Needed")
    default = forms.CharField(required=False, label="Default")
    # The type and the choices have no field here and are carried along.
    extra = forms.JSONField(required=False, widget=forms.HiddenInput)

    @property
    def is_blank(self) -> bool:
        return not (self["name"].value() or "").strip()


class StepForm(forms.Form):
    """One step. `asks` are what it needs, each with the sources that are possible at its place."""

    id = forms.CharField(
        required=False,
        max_length=60,
        label="Id",
        widget=forms.TextInput(attrs={"placeholder": "id", "autocomplete": "off"}),
    )
    runs = forms.ChoiceField(required=False, label="Runs", widget=forms.Select(attrs={"data-refreshes": ""}))
    field = forms.CharField(required=False, label="Field", help_text="Of the JSON that it is given.")
    separator = forms.CharField(required=False, strip=False, label="Between the items", help_text="Empty: a new line.")
    cases = forms.CharField(
        required=False,
        label="Cases",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "billing = pay"}),
        help_text="One a line: a value, an equals sign, and the id of the step that runs then.",
    )
    otherwise = forms.CharField(required=False, label="Otherwise", help_text="The id of the step for everything else.")
    title = forms.CharField(required=False, max_length=120, label="Title", help_text="What people see. Empty: its id.")
    output = forms.CharField(required=False, max_length=60, label="Output key", help_text="Empty: its id.")
    each = forms.ChoiceField(required=False, label="How often")
    at_once = forms.IntegerField(required=False, min_value=1, max_value=MOST_AT_ONCE, initial=4, label="Items at once")
    on_error = forms.ChoiceField(choices=ON_ERROR, required=False, label="When it fails")
    default = forms.CharField(required=False, label="Text instead")
    retries = forms.IntegerField(required=False, min_value=0, max_value=MOST_RETRIES, initial=0, label="Tries more")

    def __init__(self, *args: Any, runnable: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parameters: list[Parameter] = []
        self.fields["each"].choices = [("", "Once")]
        self.fields["runs"].choices = [("", "Choose what it runs…"), *runnable]
        chosen = self._value("runs")
        if chosen and not any(chosen == value for _, group in runnable for value, _ in group):
            self.fields["runs"].choices += [(chosen, f"{chosen} (not there)")]

    def ask(self, parameters: list[Parameter], sources: dict[str, Choices], guesses: dict[str, str]) -> None:
        """A select and a text for each thing that the step needs; a source that isn't possible here stays shown."""
        self.parameters = parameters
        names = [parameter.name for parameter in parameters]
        often = [("", "Once"), *((name, f"Once for each item of {name}") for name in names)]
        self.fields["each"].choices = with_chosen(often, self["each"].value())
        for parameter in parameters:
            name = parameter.name
            self._add(f"input-{name}", self._select(name, sources[name], guesses.get(name, "")))
            self._add(f"fixed-{name}", forms.CharField(required=False, strip=False, label=f"Text for {name}"))

    def _select(self, name: str, choices: Choices, guessed: str) -> forms.ChoiceField:
        key = self.add_prefix(f"input-{name}")
        if "_update" in self.data and key not in self.data and guessed in dict(choices):
            # Asked for the first time: what most likely is meant, for the person to see before anything is saved.
            self.data = self.data.copy()
            self.data[key] = guessed
        given = self.data.get(key) if self.is_bound else self.initial.get(f"input-{name}")
        return forms.ChoiceField(choices=with_chosen(choices, given), required=False, label=name)

    def _add(self, name: str, field: forms.Field) -> None:
        self.fields[name] = field
        field.widget.attrs.setdefault("aria-label", field.label)

    def _value(self, name: str) -> str:
        return (self[name].value() or "").strip() if name in self.fields else ""

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """For the template: each parameter with its select and its text."""
        return [
            {"parameter": one, "select": self[f"input-{one.name}"], "text": self[f"fixed-{one.name}"]}
            for one in self.parameters
        ]

    @property
    def target(self) -> tuple[str, str]:
        """The kind of what it runs, and which."""
        kind, _, reference = self._value("runs").partition(":")
        return kind, reference

    @property
    def is_blank(self) -> bool:
        return not self._value("id") and not self._value("runs")

    @property
    def is_unusual(self) -> bool:
        """Whether something stands among the settings that are folded away."""
        usual = {"each": "", "at_once": "4", "retries": "0", "on_error": "fail", "default": ""}
        changed = any(str(self[name].value() or value) != value for name, value in usual.items())
        return changed or any(name in self.errors for name in ("title", "output", *usual))

    def source_of(self, name: str) -> Any:
        """The chosen source as the definition has it; None where none is."""
        chosen = self[f"input-{name}"].value() or ""
        if chosen == FIXED:
            return {"value": self[f"fixed-{name}"].value() or ""}
        return chosen or None
