"""Two evaluations side by side: configuration first, then scores with a verdict, then case by case."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from agents.admin.addresses import number_in, uuid_in
from agents.admin.base import require
from agents.admin.evaluations.planning import estimate_of, plan_of, run_again
from agents.admin.pairs import latest_pair, newest_pair
from agents.admin.site import site
from agents.admin.wording import cases, duration, score_sentence, scorer_in_words, times
from agents.models import Evaluation, PromptVersion
from agents.services.evaluations import Comparison, ComparisonError, PlanError, Summary, compare
from agents.services.prompts import differences

FILTERS = {
    "all": "All cases",
    "improved": "Improved",
    "regressed": "Regressed",
    "different": "Different answer",
    "same": "Same",
    "error": "Errors",
    "waiting": "Waiting",
    "not compared": "Not compared",
}
ROWS_A_PAGE = 100


def show(request: HttpRequest) -> HttpResponse:
    """State in the address: `a` is the baseline, `b` what it is compared with, `show` the filter of the cases."""
    require(request, "agents.view_evaluation")
    a, b = _asked(request)
    context = {**site.each_context(request), "title": "Compare versions", "a": a, "b": b}
    if a is not None and b is not None:
        try:
            context |= _compared(request, a, b)
        except ComparisonError as error:
            context["problem"] = str(error)
        else:
            context["title"] = f"{context['names'][0]} and {context['inline'][1]}"
    elif a is None and b is None and request.GET.get("version_a"):
        context["problem"] = "These versions have no finished evaluations on one dataset. Measure both on the same."
    context |= _choices(a, b)
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
    return Evaluation.objects.select_related("version__prompt", "chain", "dataset").filter(pk=uuid_in(text)).first()


def _version(text: str) -> PromptVersion | None:
    return PromptVersion.objects.filter(pk=number_in(text)).first()


def comparable_with(evaluation: Evaluation) -> list[Evaluation]:
    """Others on the same dataset, newest first."""
    same = Evaluation.objects.filter(dataset=evaluation.dataset).exclude(pk=evaluation.pk)
    return list(same.select_related("version__prompt", "chain", "dataset")[:20])


def _choices(a: Evaluation | None, b: Evaluation | None) -> dict:
    """What can be chosen, and what is: those that are shown, else the newest two that say something together."""
    chosen = _proposed(a, b)
    newest = list(Evaluation.objects.select_related("version__prompt", "chain", "dataset")[:50])
    shown = [one for one in chosen if one is not None and one not in newest]
    return {"choices": newest + shown, "chosen": [one and one.pk for one in chosen]}


def _proposed(a: Evaluation | None, b: Evaluation | None) -> tuple[Evaluation | None, Evaluation | None]:
    """Two of which one is not the other; where one is given, it stays."""
    if a is not None and b is not None and a.pk != b.pk:
        return a, b
    if (given := a or b) is None:
        return newest_pair() or _first_two(Evaluation.objects.select_related("version__prompt", "chain", "dataset"))
    other = next(iter(comparable_with(given)), None)
    return (given, other) if a is not None else (other, given)


def _first_two(found) -> tuple[Evaluation | None, Evaluation | None]:
    newest = [*found[:2], None, None]
    return newest[1], newest[0]


def _compared(request: HttpRequest, a: Evaluation, b: Evaluation) -> dict:
    result = compare(a, b)
    chosen = request.GET.get("show", "all")
    chosen = chosen if chosen in FILTERS else "all"
    rows = [row for row in result.rows if chosen in ("all", row.change)]
    counts = {name: sum(1 for row in result.rows if name in ("all", row.change)) for name in FILTERS}
    estimates = [estimate_of(plan_of(evaluation))["seconds"] for evaluation in (a, b)]
    return {
        "comparison": result,
        "right": scorer_in_words(result.main) if result.main else "",
        "caveats": _caveats(a, b, result),
        "names": _names(a, b),
        "inline": [name.replace("Version", "version") for name in _names(a, b)],
        "sentences": (score_sentence(result.a), score_sentence(result.b)),
        "unfinished": [evaluation for evaluation in (a, b) if not evaluation.finished_at],
        "takes": None if None in estimates else duration(sum(estimates)),
        "diff": differences(a.version, b.version) if a.version and b.version else None,
        "same_version": _is_same(a, b),
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "filters": [
            {
                "label": label,
                "n": counts[name],
                "current": name == chosen,
                "query": urlencode({"a": a.pk, "b": b.pk, "show": name}),
            }
            for name, label in FILTERS.items()
            if counts[name] or name in ("all", chosen)
        ],
        "swap": f"?a={b.pk}&b={a.pk}",
        "ratios": _ratios(result),
    }


def _names(a: Evaluation, b: Evaluation) -> tuple[str, str]:
    """As short as tells the two apart: “Version 2” within a prompt."""
    if _of_one_prompt(a, b) and a.version_id != b.version_id:
        return f"Version {a.version.number}", f"Version {b.version.number}"
    if a.subject == b.subject:
        return f"{a.subject}, {_day(a)}", f"{b.subject}, {_day(b)}"
    return a.subject, b.subject


def _of_one_prompt(a: Evaluation, b: Evaluation) -> bool:
    return bool(a.version and b.version and a.version.prompt_id == b.version.prompt_id)


def _is_same(a: Evaluation, b: Evaluation) -> bool:
    """A chain is the same while all that it runs is."""
    return (a.version_id, a.chain_id, a.target) == (b.version_id, b.chain_id, b.target)


def _day(evaluation: Evaluation) -> str:
    return date_format(evaluation.recorded_at or localtime(evaluation.created_at), "j M Y")


def _caveats(a: Evaluation, b: Evaluation, result: Comparison) -> list[str]:
    """What else than the wording may have made the difference, or keeps it from being the whole one."""
    models = [evaluation.model_used or evaluation.model for evaluation in (a, b)]
    found = []
    if result.left_out:
        found.append(
            f"Only the {cases(result.shared)} that both were asked count here. {cases(result.left_out)} "
            "more were asked of one of them alone, or were edited in between: they stand last, as “not compared”."
        )
    if models[0] != models[1]:
        found.append(f"Two models answered, {models[0]} and {models[1]}: the difference may be theirs.")
    if _is_same(a, b):
        found.append("Both measure the same: the difference is how much its answers vary by themselves.")
    elif a.version and b.version and not _of_one_prompt(a, b):
        found.append("These are versions of two prompts, not of one.")
    elif a.chain_id != b.chain_id:
        found.append("These are two different things, not two versions of one.")
    if a.repeats != b.repeats:
        found.append(f"One asked each case {times(a.repeats)}, the other {times(b.repeats)}.")
    return found


def _ratios(result: Comparison) -> list[dict]:
    """Rows of the table of numbers where less is better; sums would compare how many were answered."""
    a, b = result.a, result.b
    rows = []
    if a.mean_absolute_error is not None or b.mean_absolute_error is not None:
        rows.append(_row("Mean absolute error", a.mean_absolute_error, b.mean_absolute_error, "{:.2f}"))
    return [
        *rows,
        _row("Typical time of a case", a.latency["p50"], b.latency["p50"], "{:.1f} s"),
        _row("9 of 10 cases within", a.latency["p90"], b.latency["p90"], "{:.1f} s"),
        _row("Tokens in, per case", _per_case(a.input_tokens, a), _per_case(b.input_tokens, b), "{:,.0f}"),
        _row("Tokens out, per case", _per_case(a.output_tokens, a), _per_case(b.output_tokens, b), "{:,.0f}"),
        _row("Cost of 1,000 cases", _per_case(a.cost, a, 1000), _per_case(b.cost, b, 1000), "${:,.4f}"),
    ]


def _per_case(total, side: Summary, n: int = 1) -> float | None:
    return None if total is None or not side.scored else float(total) * n / side.scored


def _row(label: str, a, b, written: str) -> dict:
    texts = ["–" if value is None else written.format(value) for value in (a, b)]
    ratio = f"× {float(b) / float(a):.2f}" if a and b is not None else ""
    return {"label": label, "a": texts[0], "b": texts[1], "ratio": ratio}


@require_POST
def run_both_again(request: HttpRequest) -> HttpResponse:
    """Both plans afresh, and the page that follows and compares them."""
    require(request, "agents.add_evaluation")
    found = Evaluation.objects.select_related("version__prompt", "chain", "dataset")
    pair = [get_object_or_404(found, pk=uuid_in(request.POST.get(name, ""))) for name in ("a", "b")]
    try:
        with transaction.atomic():
            fresh = [run_again(evaluation, request.user) for evaluation in pair]
    except PlanError as error:
        messages.error(request, str(error))
        fresh = pair
    else:
        messages.success(
            request, "Both are asked afresh, with the model that is connected now. This page follows them."
        )
    return redirect(f"{reverse('admin:agents_evaluation_compare')}?a={fresh[0].pk}&b={fresh[1].pk}")
