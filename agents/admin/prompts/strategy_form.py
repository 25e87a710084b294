"""How a prompt is run: its strategy, and what can be said to it, each option as a field of its own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django import forms

from agents.admin.fields import JsonFormField
from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.prompts.rendering import STEP_BY_STEP
from agents.runtime.prompts.strategies import (
    MAX_REPAIRS,
    MAX_SAMPLES,
    MAX_SUBQUESTIONS,
    OPTIONS,
    StrategyOptions,
    calls_of,
    parse_options,
    refusal,
    unknown_options,
)

PREFIX: Final = "option_"
DEFAULTS: Final = asdict(StrategyOptions())
DOES: Final = {
    "direct": "The model is asked once.",
    "zero_shot_cot": "The model is asked to think step by step before it answers.",
    "few_shot_cot": "The examples show their reasoning, and the model goes on like them.",
    "self_consistency": "The model answers several times, each by another way; what most come to is the answer.",
    "least_to_most": "The model divides the question and answers the parts in turn, each with what is known by then.",
    "pal": "The model writes a program, which runs in the sandbox; its result is the answer.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one strategy."""

    strategy: str
    label: str
    does: str
    fields: list[forms.BoundField]


class StrategyForm(forms.Form):
    """All strategies' options stand in the page; only those of the chosen one are shown and checked."""

    strategy = forms.ChoiceField(choices=PromptVersion.Strategy.choices, label="Strategy")
    option_trigger = forms.CharField(
        required=False,
        label="Sentence that asks for it",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"Stands after the question. Empty: “{STEP_BY_STEP}”",
    )
    option_two_stage = forms.BooleanField(required=False, label="Ask for the answer in a second call")
    option_samples = forms.IntegerField(
        required=False, label="Answers", widget=forms.NumberInput(attrs={"min": 1, "max": MAX_SAMPLES})
    )
    option_temperature = forms.FloatField(
        required=False,
        label="Their temperature",
        widget=forms.NumberInput(attrs={"min": 0.1, "max": 2, "step": 0.1}),
    )
    option_pick = forms.ChoiceField(
        choices=[("vote", "The majority"), ("model", "The model, by comparing them")],
        required=False,
        label="Who chooses",
        help_text="For free text, where no two answers are spelt alike, let the model choose.",
    )
    option_min_agreement = forms.FloatField(
        required=False,
        label="Unsure below",
        widget=forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.05}),
        help_text="Share of the answers that agree, such as 0.6. Empty: never unsure.",
    )
    option_early_stop = forms.BooleanField(required=False, label="Stop once the rest can't change the majority")
    option_max_subquestions = forms.IntegerField(
        required=False, label="Most sub-questions", widget=forms.NumberInput(attrs={"min": 1, "max": MAX_SUBQUESTIONS})
    )
    option_repairs = forms.IntegerField(
        required=False,
        label="Repairs of a program that fails",
        widget=forms.NumberInput(attrs={"min": 0, "max": MAX_REPAIRS}),
    )
    other_options = JsonFormField(required=False, initial=dict, label="Options without a field")

    @property
    def has_others(self) -> bool:
        """Whether the version has options that no field shows, or something is wrong with them."""
        return self["other_options"].value() not in (None, "", "{}", {}) or bool(self["other_options"].errors)

    @property
    def groups(self) -> list[Group]:
        labels = dict(PromptVersion.Strategy.choices)
        return [
            Group(strategy, labels[strategy], DOES[strategy], [self[PREFIX + name] for name in names])
            for strategy, names in OPTIONS.items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in OPTIONS.get(cleaned.get("strategy", ""), ()):
            value = cleaned.get(PREFIX + name)
            if value not in (None, "") and (allowed := refusal(name, value)):
                self.add_error(PREFIX + name, f"This is {allowed}.")
        others = cleaned.get("other_options")
        if others is not None and not isinstance(others, dict):
            self.add_error("other_options", 'This must be an object in braces, such as {"name": 1}.')
        elif known := [name for name in others or {} if name in DEFAULTS]:
            self.add_error("other_options", f"There is a field for {', '.join(known)} above.")
        return cleaned

    def options(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What differs from the defaults or was said before, in the order of `stored`; other options stay."""
        typed = {name: self.cleaned_data.get(PREFIX + name) for name in DEFAULTS}
        said = {
            name: value
            for name, value in typed.items()
            if value not in (None, "") and (name in stored or value != DEFAULTS[name])
        }
        said |= self.cleaned_data["other_options"]
        return {name: said[name] for name in [*stored, *said] if name in said}


def calls_said(version: PromptVersion) -> str:
    """How many calls an answer of this version takes; empty where its options can't be meant."""
    try:
        fewest, most = calls_of(version.strategy, parse_options(version.strategy, version.strategy_options))
    except PromptError:
        return ""
    return str(most) if fewest == most else f"{fewest} to {most}"


def initial_of(version: PromptVersion) -> dict[str, Any]:
    """The version's strategy as the form begins with it."""
    stored = version.strategy_options if isinstance(version.strategy_options, Mapping) else {}
    known = {**DEFAULTS, **{name: value for name, value in stored.items() if name in DEFAULTS and value is not None}}
    return {
        "strategy": version.strategy,
        **{PREFIX + name: value for name, value in known.items()},
        "other_options": {name: stored[name] for name in unknown_options(version.strategy, stored)},
    }
