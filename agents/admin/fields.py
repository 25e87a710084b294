"""Form fields and widgets that several forms of the admin use."""

import json
from typing import Any

from django import forms


class JsonFormField(forms.JSONField):
    """JSON in its written order, shown indented. Empty means what the model's field has as its default."""

    widget = forms.Textarea(attrs={"class": "code", "rows": 6, "spellcheck": "false"})
    default_error_messages = {"invalid": "This is not JSON. Use double quotes, and no comma after the last entry."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = kwargs.get("initial")
        self.when_empty = initial() if callable(initial) else initial
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return "" if value in (None, "") else json.dumps(value, ensure_ascii=False, indent=2)

    def clean(self, value: Any) -> Any:
        try:
            cleaned = super().clean(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self._place(value) or error.messages) from error
        return self.when_empty if cleaned is None else cleaned

    def _place(self, value: Any) -> str:
        try:
            json.loads(value)
        except json.JSONDecodeError as error:
            return f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        except TypeError:
            pass
        return ""


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class NativeDate(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class NativeDateTime(forms.DateTimeInput):
    """The browser's own picker for a day and a time."""

    input_type = "datetime-local"
    form_class = forms.DateTimeField

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
