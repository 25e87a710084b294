"""The list of evaluations, and the addresses of all their pages."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment
from agents.admin.evaluations import comparison, evaluation_page, start_page
from agents.admin.figures import figures_of
from agents.admin.site import site
from agents.admin.wording import scorer_in_words
from agents.models import Evaluation

STATES = {"queued": "", "running": "is-running", "done": "is-done", "cancelled": "is-warning"}


class EvaluationList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        figures = figures_of(self.result_list)
        for evaluation in self.result_list:
            evaluation.figure = figures[evaluation.pk]


@admin.register(Evaluation, site=site)
class EvaluationAdmin(ParleyAdmin):
    list_display = ("what", "dataset", "score", "scorer", "answered", "state_shown", moment("created_at", "when"))
    list_select_related = ("version__prompt", "chain", "dataset")
    list_filter = ("state", "dataset", "version__prompt", "chain")
    search_fields = ("version__prompt__slug", "chain__slug", "dataset__slug", "model")
    empty_title = "Nothing measured yet"
    empty_text = "An evaluation asks a version every case of a dataset and counts what is right. Start the first one."

    def get_changelist(self, request, **kwargs):
        return EvaluationList

    def get_urls(self):
        page = self.admin_site.page
        return [
            page("compare/", comparison.show, "agents_evaluation_compare"),
            page("compare/again/", comparison.run_both_again, "agents_evaluation_compare_again"),
            page("<uuid:evaluation_id>/progress/", evaluation_page.progress, "agents_evaluation_progress"),
            page("<uuid:evaluation_id>/cancel/", evaluation_page.cancel, "agents_evaluation_cancel"),
            page("<uuid:evaluation_id>/retry/", evaluation_page.retry, "agents_evaluation_retry"),
            page("<uuid:evaluation_id>/again/", evaluation_page.again, "agents_evaluation_again"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="what", ordering="version__prompt__slug")
    def what(self, evaluation):
        return evaluation.subject

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
        return start_page.show(request)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return evaluation_page.show(request, object_id)
