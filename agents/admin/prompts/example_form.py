"""How the examples of a draft are chosen and placed, as fields that say so in words."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from agents.admin.prompts.cleaned import plain_text
from agents.runtime.prompts.spec import ExampleTemplate, Selection

PLACEMENTS = [
    ("messages", "As turns before the question: question, answer, question, answer"),
    ("system", "As one block in the system message"),
]
SELECTORS = [
    ("all", "All of them"),
    ("first", "The first few"),
    ("random", "A few, drawn once for all"),
    ("budget", "As many as there is room for"),
    ("similar", "The most similar to the question"),
    ("mmr", "Similar to the question, but unlike each other"),
    ("balanced", "Every answer in turn"),
]
SEPARATORS = [("\\n\\n", "A blank line"), ("\\n", "A new line"), ("\\n---\\n", "A line of dashes")]
# What each way of choosing looks at, by field and key of the prompt file.
SETTINGS = {
    "first": ("k",),
    "random": ("k", "seed"),
    "budget": ("max_tokens",),
    "similar": ("k",),
    "mmr": ("k", "lambda", "fetch_k"),
    "balanced": ("k",),
}
TEXTS = ("text", "prefix", "suffix")
DEFAULTS = Selection()


def area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "code"})


class ExamplePlacingForm(forms.Form):
    """One fieldset of the editor. What isn't looked at with the chosen way is left out of the prompt."""

    prefix_of_names = "placing"

    by = forms.ChoiceField(choices=SELECTORS, required=False, label="Which are shown")
    k = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        label="How many",
        help_text="For the first few, drawn, similar ones and answers in turn.",
    )
    max_tokens = forms.IntegerField(
        required=False,
        min_value=1,
        label="Most tokens of the whole prompt",
        help_text="For as many as there is room for.",
    )
    seed = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, label="Seed", help_text="For drawn ones: another, other ones."
    )
    likeness = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label="Likeness rather than variety",
        help_text="For similar ones that are unlike each other: 1 looks at likeness alone, 0 at variety alone.",
        widget=forms.NumberInput(attrs={"step": 0.1}),
    )
    fetch_k = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000,
        label="Taken from this many",
        help_text="For similar ones that are unlike each other: the most similar, of which some are chosen.",
    )
    placement = forms.ChoiceField(choices=PLACEMENTS, required=False, label="Where they stand")
    text = forms.CharField(
        required=False,
        strip=False,
        label="An example in the block",
        widget=area(2),
        help_text="Empty: its question and its answer, each on a line.",
    )
    prefix = forms.CharField(required=False, strip=False, label="Before the block", widget=area(1))
    suffix = forms.CharField(required=False, strip=False, label="After the block", widget=area(1))
    separator = forms.ChoiceField(choices=SEPARATORS, required=False, label="Between examples")

    def __init__(self, stored: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=self.prefix_of_names, initial=_initial(stored))
        separator = self.initial["separator"]
        if separator not in dict(SEPARATORS):
            self.fields["separator"].choices = [*SEPARATORS, (separator, f"As it is: {separator}")]

    def example(self) -> dict[str, Any]:
        """The keys of `example` in the prompt file; only those that say something else than the default."""
        values = self.cleaned_data
        example: dict[str, Any] = {"placement": "system"} if values["placement"] == "system" else {}
        example |= {name: plain_text(values[name]) for name in TEXTS if values[name]}
        separator = _unescaped(values["separator"] or self.initial["separator"])
        if separator != ExampleTemplate().separator:
            example["separator"] = separator
        by = values["by"] or "all"
        return example if by == "all" else {**example, "select": {"by": by, **self._settings(by)}}

    def _settings(self, by: str) -> dict[str, Any]:
        values = {**self.cleaned_data, "lambda": self.cleaned_data["likeness"]}
        return {key: values[key] for key in SETTINGS[by] if values[key] is not None}

    @property
    def is_changed_from_default(self) -> bool:
        """Whether the fieldset has something to show, or to put right."""
        plain = _initial({})
        return bool(self.errors) or any(str(self[name].value() or "") != str(plain[name] or "") for name in self.fields)


def in_words(stored: Mapping[str, Any]) -> str:
    """How a version chooses and places its examples, where it isn't all of them as turns; else nothing."""
    select = stored.get("select") or {}
    by, placement = select.get("by", DEFAULTS.by), stored.get("placement", "messages")
    if (by, placement) == (DEFAULTS.by, "messages"):
        return ""
    settings = ", ".join(f"{key} {value}" for key, value in select.items() if key != "by")
    chosen = f"{dict(SELECTORS)[by]} ({settings})" if settings else dict(SELECTORS)[by]
    return f"Which are shown: {chosen}. Where: {dict(PLACEMENTS)[placement]}."


def _initial(stored: Mapping[str, Any]) -> dict[str, Any]:
    select = stored.get("select") or {}
    return {
        "by": select.get("by", DEFAULTS.by),
        "k": select.get("k", DEFAULTS.k),
        "max_tokens": select.get("max_tokens", DEFAULTS.max_tokens),
        "seed": select.get("seed", DEFAULTS.seed),
        "likeness": select.get("lambda", DEFAULTS.diversity),
        "fetch_k": select.get("fetch_k", DEFAULTS.fetch_k),
        "placement": stored.get("placement", "messages"),
        "separator": _escaped(stored.get("separator", ExampleTemplate().separator)),
        **{name: stored.get(name, "") for name in TEXTS},
    }


def _escaped(text: str) -> str:
    """Line feeds as \\n: a field of one line can show nothing else."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _unescaped(text: str) -> str:
    return str(json.loads(f'"{text}"'))
