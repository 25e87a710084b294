"""What a model's server understands, as fields that people can read: yes, no, or as it is found out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import date_format

from agents.models import LanguageModel
from agents.runtime.providers.lessons import CAPABILITIES, Lesson
from agents.services.language_models import lessons_from, said_with, without_lesson, without_lessons

YES_OR_NO = {True: "Yes", False: "No"}


class AbilityField(forms.TypedChoiceField):
    """One ability. Empty means that it is found out; the value is the one of `Capabilities`."""

    def __init__(self, label: str, help_text: str, choices: Mapping[Any, str] = YES_OR_NO) -> None:
        self.words = dict(choices)
        values = {str(value): value for value in choices}
        offered = [("", "Automatic"), *((str(value), word) for value, word in choices.items())]
        super().__init__(
            choices=offered,
            coerce=lambda value: values[str(value)],
            empty_value=None,
            required=False,
            label=label,
            help_text=help_text,
        )

    def say_found(self, lesson: Lesson | None) -> None:
        """Beside the help, what the server taught."""
        if lesson is not None:
            word = self.words.get(lesson.value, str(lesson.value)).lower()
            self.help_text = f"{self.help_text} Found out on {date_format(lesson.learned_on, 'j M Y')}: {word}."


class LanguageModelForm(forms.ModelForm):
    """A model; its abilities are fields of their own instead of JSON."""

    tools = AbilityField("Calls functions", "Without it, agents that call functions ask in words.")
    parallel_tools = AbilityField("Several calls at once", "Whether it can be told how many functions to call at once.")
    json_schema = AbilityField("Answers by a JSON schema", "The server holds the model to it.")
    json_object = AbilityField("Answers in JSON", "Any object, without a schema.")
    stop = AbilityField("Stops at given words", "Without it, what comes after them is cut here.")
    n = AbilityField("Several answers in one call", "Without it, samples are asked for one by one, and cost more.")
    temperature = AbilityField("Takes a temperature", "Reasoning models often refuse it.")
    system_role = AbilityField(
        "System messages",
        "Templates of some open models know none.",
        {"yes": "Yes", "merge_into_user": "Put before the question"},
    )
    alternate_roles = AbilityField(
        "Roles must alternate", "Neighbouring messages of one role are joined for templates that demand it."
    )
    reasoning_roundtrip = AbilityField(
        "Gets its reasoning back",
        "DeepSeek demands it when functions are called; others refuse it.",
        {"never": "Never", "with_tools": "When it calls functions"},
    )

    class Meta:
        model = LanguageModel
        fields = ("slug", "provider", "name", "context_window")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.capabilities
        lessons = lessons_from(stored)
        for name in CAPABILITIES:
            if name in self.fields:  # those who may only look have no form
                self.initial.setdefault(name, stored.get(name))
                self.fields[name].say_found(lessons.get(name))

    def save(self, commit: bool = True) -> LanguageModel:
        said = {name: self.cleaned_data[name] for name in CAPABILITIES if name in self.cleaned_data}
        self.instance.capabilities = said_with(self._still_known(), said)
        return super().save(commit)

    def _still_known(self) -> dict[str, Any]:
        """What was found out elsewhere, or of a window that is set now, holds no longer."""
        if self.instance.pk and {"provider", "name"} & set(self.changed_data):
            return without_lessons(self.instance.capabilities)
        if "context_window" in self.changed_data:
            return without_lesson(self.instance.capabilities, "context_window")
        return self.instance.capabilities
