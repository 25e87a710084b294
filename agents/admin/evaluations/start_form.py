"""The form that an evaluation is planned by."""

from django import forms

from agents.admin.addresses import number_in
from agents.admin.wording import scorer_in_words
from agents.evals.scorers import SCORERS
from agents.models import Chain, Dataset, Evaluation, LanguageModel, PromptVersion


class StartForm(forms.Form):
    """What to measure, on what, and how. Numbers are checked by the plan."""

    version = forms.ModelChoiceField(
        PromptVersion.objects.none(), label="Prompt version", empty_label="Choose…", required=False
    )
    chain = forms.ModelChoiceField(Chain.objects.all(), label="Or a chain", empty_label="None", required=False)
    dataset = forms.ModelChoiceField(Dataset.objects.all(), label="Dataset", empty_label="Choose…")
    split = forms.CharField(
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"list": "splits"}),
        help_text="A part of the dataset's cases. Empty: all.",
    )
    scorers = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {scorer_in_words(name)}") for name in SCORERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: the one that fits the kind of answer. The first decides the score.",
    )
    other_scorer = forms.CharField(
        required=False, label="With options", help_text="Such as numeric:abs=1 or regex:^(yes|no)$. It comes first."
    )
    repeats = forms.IntegerField(min_value=1, max_value=100, initial=1, help_text="How often each case is asked.")
    concurrency = forms.IntegerField(min_value=1, max_value=200, initial=2, label="Calls at once")
    limit = forms.IntegerField(min_value=1, required=False, label="Only the first cases", help_text="Empty: all.")
    model = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "models"}),
        help_text="Empty: what the version says, or each step of the chain.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        published = PromptVersion.objects.published().select_related("prompt").order_by("prompt__slug", "-number")
        self.fields["version"].queryset = published
        splits = Dataset.objects.exclude(cases__split="").values_list("cases__split", flat=True).distinct()
        models = ["default", *LanguageModel.objects.values_list("slug", flat=True)]
        self.suggestions = {"splits": sorted(filter(None, splits)), "models": models}
        for name, value in _as_last_time(self.initial.get("version")).items():
            self.initial.setdefault(name, value)
        if len(only := list(Dataset.objects.values_list("pk", flat=True)[:2])) == 1:
            self.initial.setdefault("dataset", only[0])

    def clean(self) -> dict:
        cleaned = super().clean()
        if "version" in cleaned and "chain" in cleaned and bool(cleaned["version"]) == bool(cleaned["chain"]):
            self.add_error("version", "Choose one thing to measure: a version of a prompt, or a chain.")
        return cleaned

    def wrong_fields(self) -> list[str]:
        return [str(self[name].label) for name in self.fields if name in self.errors]

    def plan(self) -> dict:
        values = self.cleaned_data
        first = [values["other_scorer"]] if values["other_scorer"] else []
        return {
            **{key: values[key] for key in ("version", "chain", "dataset", "split", "repeats", "concurrency", "limit")},
            "scorers": [*first, *values["scorers"]],
            "model": values["model"] or None,
        }


def _as_last_time(version_id: object) -> dict[str, object]:
    """How the prompt was measured last, so that the new scores can be compared with those."""
    version = PromptVersion.objects.filter(pk=number_in(version_id)).first()
    last = version and Evaluation.objects.filter(version__prompt=version.prompt_id).order_by("-created_at").first()
    if not last:
        return {}
    with_options = [str(name) for name in last.scorers if ":" in str(name)]
    return {
        "dataset": last.dataset_id,
        "split": last.split,
        "repeats": last.repeats,
        "other_scorer": with_options[0] if with_options else "",
        "scorers": [str(name) for name in last.scorers if ":" not in str(name)],
    }
