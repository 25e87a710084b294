"""An evaluation's page: followed while it runs, read when it is done, stopped and taken up again."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from agents.admin.addresses import uuid_in
from agents.admin.base import require
from agents.admin.evaluations import comparison
from agents.admin.evaluations.planning import run_again
from agents.admin.site import site
from agents.admin.wording import duration, score_sentence
from agents.models import Evaluation, Trial
from agents.services.evaluations import PlanError, cancel_evaluation, counts, retry_errors, summary

TRIALS_A_PAGE = 100


def show(request: HttpRequest, evaluation_id: object) -> HttpResponse:
    require(request, "agents.view_evaluation")
    found = Evaluation.objects.select_related("version__prompt", "chain", "dataset", "created_by")
    evaluation = get_object_or_404(found, pk=uuid_in(evaluation_id))
    outcome = request.GET.get("outcome", "")
    numbers = summary(evaluation)
    context = {
        **site.each_context(request),
        "title": evaluation.subject,
        "evaluation": evaluation,
        "summary": numbers,
        "sentence": score_sentence(numbers),
        "outcome": outcome,
        "page": Paginator(_trials(evaluation, outcome), TRIALS_A_PAGE).get_page(request.GET.get("page")),
        "others": comparison.comparable_with(evaluation),
        "can_change": request.user.has_perm("agents.change_evaluation"),
        **progress_of(evaluation, numbers),
    }
    return render(request, "admin/agents/evaluation/page.html", context)


def _trials(evaluation: Evaluation, outcome: str) -> QuerySet[Trial]:
    trials = evaluation.trials.prefetch_related("scores")
    if outcome == "waiting":
        return trials.filter(outcome=None)
    return trials.filter(outcome=outcome) if outcome in Trial.Outcome.values else trials


def progress(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
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


@require_POST
def cancel(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    require(request, "agents.change_evaluation")
    evaluation = get_object_or_404(Evaluation, pk=evaluation_id)
    cancel_evaluation(evaluation=evaluation)
    messages.success(request, "The evaluation stops; what is done is kept.")
    return redirect("admin:agents_evaluation_change", evaluation_id)


@require_POST
def retry(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    require(request, "agents.change_evaluation")
    evaluation = get_object_or_404(Evaluation, pk=evaluation_id)
    try:
        retry_errors(evaluation=evaluation)
    except PlanError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "What is left, and what ended in an error, is asked again.")
    return redirect("admin:agents_evaluation_change", evaluation_id)


@require_POST
def again(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    require(request, "agents.add_evaluation")
    evaluation = get_object_or_404(
        Evaluation.objects.select_related("version__prompt", "chain", "dataset"), pk=evaluation_id
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
