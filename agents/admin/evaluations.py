"""Evaluations: planned by a form, watched while they run, read when they are done."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from agents.admin import comparison
from agents.admin.addresses import number_in, uuid_in
from agents.admin.base import ParleyAdmin, moment, require
from agents.admin.figures import figures_of
from agents.admin.planning import estimate_of, run_again
from agents.admin.site import site
from agents.admin.wording import duration, score_sentence, scorer_in_words
from agents.evals.scorers import SCORERS
from agents.models import Dataset, Evaluation, LanguageModel, PromptVersion, Trial
from agents.services.evaluations import PlanError, cancel_evaluation, counts, plan_evaluation, retry_errors, summary

TRIALS_A_PAGE = 100
STATES = {"queued": "", "running": "is-running", "done": "is-done", "cancelled": "is-warning"}


class StartForm(forms.Form):
    """What to measure, on what, and how. Numbers are checked by the plan."""

    version = forms.ModelChoiceField(PromptVersion.objects.none(), label="Prompt version")
    dataset = forms.ModelChoiceField(Dataset.objects.all(), label="Dataset")
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
        help_text="Empty: what the version says.",
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

    def plan(self) -> dict:
        values = self.cleaned_data
        first = [values["other_scorer"]] if values["other_scorer"] else []
        return {
            **{key: values[key] for key in ("version", "dataset", "split", "repeats", "concurrency", "limit")},
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


class EvaluationList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        figures = figures_of(self.result_list)
        for evaluation in self.result_list:
            evaluation.figure = figures[evaluation.pk]


@admin.register(Evaluation, site=site)
class EvaluationAdmin(ParleyAdmin):
    list_display = ("what", "dataset", "score", "scorer", "answered", "state_shown", moment("created_at", "when"))
    list_select_related = ("version__prompt", "dataset")
    list_filter = ("state", "dataset", "version__prompt")
    search_fields = ("version__prompt__slug", "dataset__slug", "model")
    empty_title = "Nothing measured yet"
    empty_text = "An evaluation asks a version every case of a dataset and counts what is right. Start the first one."

    def get_changelist(self, request, **kwargs):
        return EvaluationList

    def get_urls(self):
        page = self.admin_site.page
        return [
            page("compare/", comparison.show, "agents_evaluation_compare"),
            page("compare/again/", comparison.run_both_again, "agents_evaluation_compare_again"),
            page("<uuid:evaluation_id>/progress/", self.progress, "agents_evaluation_progress"),
            page("<uuid:evaluation_id>/cancel/", self.cancel, "agents_evaluation_cancel"),
            page("<uuid:evaluation_id>/retry/", self.retry, "agents_evaluation_retry"),
            page("<uuid:evaluation_id>/again/", self.again, "agents_evaluation_again"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="version", ordering="version__prompt__slug")
    def what(self, evaluation):
        return str(evaluation.version)

    @admin.display(description="score")
    def score(self, evaluation):
        return format_html('<span class="num">{}</span>', evaluation.figure.percent)

    @admin.display(description="by")
    def scorer(self, evaluation):
        words = scorer_in_words(evaluation.figure.scorer)
        return format_html('<span class="quiet" title="{}">{}</span>', words, evaluation.figure.scorer)

    @admin.display(description="answered")
    def answered(self, evaluation):
        figure = evaluation.figure
        errors = format_html(' <span class="is-danger status">{} errors</span>', figure.errors) if figure.errors else ""
        return format_html('<span class="num">{} of {}</span>{}', figure.answered, figure.planned, errors)

    @admin.display(description="state", ordering="state")
    def state_shown(self, evaluation):
        if evaluation.recorded_at:
            return format_html('<span class="status">{}</span>', "Recorded")
        marker = STATES[evaluation.state]
        return format_html('<span class="status {}">{}</span>', marker, evaluation.get_state_display())

    def add_view(self, request, form_url="", extra_context=None):
        require(request, "agents.add_evaluation")
        form = StartForm(request.POST or None, initial=request.GET.dict())
        estimate, problem = None, ""
        if request.method == "POST" and form.is_valid():
            if "_estimate" in request.POST:
                estimate = estimate_of(form.plan())
            else:
                try:
                    evaluation = plan_evaluation(**form.plan(), created_by=request.user)
                except PlanError as error:
                    problem = str(error)
                else:
                    messages.success(request, "The evaluation waits for its turn; this page follows it.")
                    return redirect("admin:agents_evaluation_change", evaluation.pk)
        context = self.page_context(request, title="Start an evaluation", form=form, estimate=estimate, problem=problem)
        if "_estimate" in request.POST and request.headers.get("X-Requested-With") == "panel":
            return render(request, "admin/agents/evaluation/_estimate.html", context)
        status = 422 if problem or form.errors else 200
        return render(request, "admin/agents/evaluation/start.html", context, status=status)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        require(request, "agents.view_evaluation")
        found = Evaluation.objects.select_related("version__prompt", "dataset", "created_by")
        evaluation = get_object_or_404(found, pk=uuid_in(object_id))
        outcome = request.GET.get("outcome", "")
        trials = evaluation.trials.prefetch_related("scores")
        if outcome == "waiting":
            trials = trials.filter(outcome=None)
        elif outcome in Trial.Outcome.values:
            trials = trials.filter(outcome=outcome)
        numbers = summary(evaluation)
        context = self.page_context(
            request,
            title=str(evaluation.version),
            evaluation=evaluation,
            summary=numbers,
            sentence=score_sentence(numbers),
            outcome=outcome,
            page=Paginator(trials, TRIALS_A_PAGE).get_page(request.GET.get("page")),
            others=comparison.comparable_with(evaluation),
            can_change=request.user.has_perm("agents.change_evaluation"),
            **progress_of(evaluation, numbers),
        )
        return render(request, "admin/agents/evaluation/page.html", context)

    def progress(self, request, evaluation_id):
        """The part of the page that moves. A finished evaluation answers 205: load the whole page again."""
        require(request, "agents.view_evaluation")
        evaluation = get_object_or_404(Evaluation.objects.select_related("version__prompt"), pk=evaluation_id)
        if evaluation.finished_at:
            return HttpResponse(status=205)
        if request.GET.get("part") == "meter":
            part, numbers, sentence = "_meter", counts(evaluation), ""
        else:
            part, numbers = "_progress", summary(evaluation)
            sentence = score_sentence(numbers)
        context = {"evaluation": evaluation, "summary": numbers, "sentence": sentence}
        context |= progress_of(evaluation, numbers)
        return render(request, f"admin/agents/evaluation/{part}.html", context)

    @staticmethod
    @require_POST
    def cancel(request, evaluation_id):
        require(request, "agents.change_evaluation")
        evaluation = get_object_or_404(Evaluation, pk=evaluation_id)
        cancel_evaluation(evaluation=evaluation)
        messages.success(request, "The evaluation stops; what is done is kept.")
        return redirect("admin:agents_evaluation_change", evaluation_id)

    @staticmethod
    @require_POST
    def retry(request, evaluation_id):
        require(request, "agents.change_evaluation")
        evaluation = get_object_or_404(Evaluation, pk=evaluation_id)
        try:
            retry_errors(evaluation=evaluation)
        except PlanError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "What is left, and what ended in an error, is asked again.")
        return redirect("admin:agents_evaluation_change", evaluation_id)

    @staticmethod
    @require_POST
    def again(request, evaluation_id):
        require(request, "agents.add_evaluation")
        evaluation = get_object_or_404(
            Evaluation.objects.select_related("version__prompt", "dataset"), pk=evaluation_id
        )
        try:
            fresh = run_again(evaluation, request.user)
        except PlanError as error:
            messages.error(request, str(error))
            return redirect("admin:agents_evaluation_change", evaluation_id)
        messages.success(request, "Asked afresh, with the model that is connected now.")
        return redirect("admin:agents_evaluation_change", fresh.pk)


def progress_of(evaluation: Evaluation, numbers) -> dict:
    """Pace and time left of a running evaluation; nothing of one that is over."""
    if evaluation.started_at is None or evaluation.finished_at or not numbers.done:
        return {"rate": None, "left": None}
    elapsed = (timezone.now() - evaluation.started_at).total_seconds()
    rate = numbers.done / elapsed if elapsed else 0
    return {"rate": rate * 60, "left": duration(numbers.waiting / rate) if rate else None}
