"""Two evaluations side by side: configuration first, then scores with a verdict, then case by case."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agents.admin.base import require
from agents.admin.pairs import latest_pair
from agents.admin.planning import run_again
from agents.admin.site import site
from agents.admin.wording import score_sentence
from agents.models import Evaluation, PromptVersion
from agents.services.evaluations import PlanError, compare
from agents.services.prompts import differences

FILTERS = {
    "all": "All cases",
    "improved": "Improved",
    "regressed": "Regressed",
    "different": "Different answer",
    "error": "Errors",
}
ROWS_A_PAGE = 100


def show(request: HttpRequest) -> HttpResponse:
    """State in the address: `a` is the baseline, `b` what it is compared with, `show` the filter of the cases."""
    require(request, "agents.view_evaluation")
    a, b = _asked(request)
    context = {**site.each_context(request), "title": "Compare versions", "a": a, "b": b, **_choices(a, b)}
    if a is not None and b is not None:
        context |= _compared(request, a, b)
    return render(request, "admin/agents/evaluation/compare.html", context)


def _asked(request: HttpRequest) -> tuple[Evaluation | None, Evaluation | None]:
    a, b = _evaluation(request.GET.get("a", "")), _evaluation(request.GET.get("b", ""))
    if a or b:
        return a, b
    versions = [_version(request.GET.get(name, "")) for name in ("version_a", "version_b")]
    if all(versions):
        return latest_pair(*versions) or (None, None)
    return None, None


def _evaluation(text: str) -> Evaluation | None:
    try:
        key = UUID(text)
    except ValueError:
        return None
    return Evaluation.objects.select_related("version__prompt", "dataset").filter(pk=key).first()


def _version(text: str) -> PromptVersion | None:
    return PromptVersion.objects.filter(pk=text).first() if text.isdecimal() else None


def comparable_with(evaluation: Evaluation) -> list[Evaluation]:
    """Others on the same dataset, newest first."""
    same = Evaluation.objects.filter(dataset=evaluation.dataset).exclude(pk=evaluation.pk)
    return list(same.select_related("version__prompt", "dataset")[:20])


def _choices(a: Evaluation | None, b: Evaluation | None) -> dict:
    found = Evaluation.objects.select_related("version__prompt", "dataset")
    if a is not None:
        found = found.filter(dataset=a.dataset)
    return {"choices": list(found[:50])}


def _compared(request: HttpRequest, a: Evaluation, b: Evaluation) -> dict:
    result = compare(a, b)
    chosen = request.GET.get("show", "all")
    chosen = chosen if chosen in FILTERS else "all"
    rows = [row for row in result.rows if chosen in ("all", row.change)]
    counts = {name: sum(1 for row in result.rows if name in ("all", row.change)) for name in FILTERS}
    query = f"a={a.pk}&b={b.pk}"
    return {
        "comparison": result,
        "sentences": (score_sentence(result.a), score_sentence(result.b)),
        "diff": differences(a.version, b.version),
        "same_version": a.version_id == b.version_id,
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "filters": [
            {
                "name": name,
                "label": label,
                "n": counts[name],
                "current": name == chosen,
                "query": f"{query}&show={name}",
            }
            for name, label in FILTERS.items()
        ],
        "swap": f"?a={b.pk}&b={a.pk}",
        "ratios": _ratios(result),
    }


def _ratios(result) -> list[dict]:
    """Rows of the table of numbers where less is better."""
    rows = []
    if result.a.mean_absolute_error is not None or result.b.mean_absolute_error is not None:
        rows.append(_row("Mean absolute error", result.a.mean_absolute_error, result.b.mean_absolute_error, "{:.2f}"))
    rows += [
        _row("Typical time of a case", result.a.latency["p50"], result.b.latency["p50"], "{:.1f} s"),
        _row("9 of 10 cases within", result.a.latency["p90"], result.b.latency["p90"], "{:.1f} s"),
        _row("Tokens in", result.a.input_tokens, result.b.input_tokens, "{:,}"),
        _row("Tokens out", result.a.output_tokens, result.b.output_tokens, "{:,}"),
        _row("Cost", result.a.cost, result.b.cost, "${:.4f}"),
    ]
    return rows


def _row(label: str, a, b, written: str) -> dict:
    texts = ["–" if value is None else written.format(value) for value in (a, b)]
    ratio = f"× {float(b) / float(a):.2f}" if a and b is not None else ""
    return {"label": label, "a": texts[0], "b": texts[1], "ratio": ratio}


@require_POST
def run_both_again(request: HttpRequest) -> HttpResponse:
    """Both plans afresh, and the page that will compare them."""
    require(request, "agents.add_evaluation")
    found = Evaluation.objects.select_related("version__prompt", "dataset")
    pair = [get_object_or_404(found, pk=_uuid(request.POST.get(name, ""))) for name in ("a", "b")]
    try:
        fresh = [run_again(evaluation, request.user) for evaluation in pair]
    except PlanError as error:
        messages.error(request, str(error))
        fresh = pair
    else:
        messages.success(request, "Both are asked afresh. Load this page again to see how far they are.")
    return redirect(f"{reverse('admin:agents_evaluation_compare')}?a={fresh[0].pk}&b={fresh[1].pk}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
