"""Starting an evaluation: what it will take is shown first, and the page that follows it comes next."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agents.admin.base import require
from agents.admin.evaluations.planning import estimate_of
from agents.admin.evaluations.start_form import StartForm
from agents.admin.site import site
from agents.services.evaluations import PlanError, plan_evaluation


def show(request: HttpRequest) -> HttpResponse:
    require(request, "agents.add_evaluation")
    form = StartForm(request.POST or None, initial=request.GET.dict())
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    if "_estimate" in request.POST:
        return _page(request, form, estimate=estimate_of(form.plan()))
    try:
        evaluation = plan_evaluation(**form.plan(), created_by=request.user)
    except PlanError as error:
        return _page(request, form, problem=str(error), status=422)
    messages.success(request, "The evaluation waits for its turn; this page follows it.")
    return redirect("admin:agents_evaluation_change", evaluation.pk)


def _page(
    request: HttpRequest, form: StartForm, *, status: int = 200, estimate=None, problem: str = ""
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": "Start an evaluation",
        "form": form,
        "estimate": estimate,
        "problem": problem,
    }
    if "_estimate" in request.POST and request.headers.get("X-Requested-With") == "panel":
        return render(request, "admin/agents/evaluation/_estimate.html", context)
    return render(request, "admin/agents/evaluation/start.html", context, status=status)
