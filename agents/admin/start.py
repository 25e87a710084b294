"""What the start page shows: what matters today, not a list of models, and of that what the person may see."""

from datetime import timedelta

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from agents.admin.figures import figures_of
from agents.admin.pairs import comparable_pair
from agents.admin.permissions import may
from agents.models import Evaluation, ModelCall, Prompt, PromptLabelMove, PromptVersion, ToolCall, Trace, Trial

NOT_FAILED = ("", "cancelled")
NO_HITS = "not_found"
DAYS = 7
SHOWN = 6


def context_for(request: HttpRequest) -> dict:
    """The sections that the person may see are named in `sees`."""
    sees = {name: may(request.user, permission) for name, (permission, _) in SECTIONS.items()}
    context = {"days": DAYS, "has_prompts": Prompt.objects.exists(), "sees": sees}
    for name, (_, section) in SECTIONS.items():
        if sees[name]:
            context |= section()
    return context


def _evaluations() -> dict:
    evaluations = list(Evaluation.objects.select_related("version__prompt", "chain", "dataset")[:SHOWN])
    figures = figures_of(evaluations)
    return {"figures": [figures[evaluation.pk] for evaluation in evaluations], "pairs": _pairs(evaluations)}


def _prompts() -> dict:
    drafts = PromptVersion.objects.drafts().select_related("prompt", "author").order_by("-created_at")
    moves = PromptLabelMove.objects.select_related("prompt", "before", "after", "moved_by")
    return {"moves": moves[:SHOWN], "drafts": drafts[:SHOWN]}


def _use() -> dict:
    since = timezone.now() - timedelta(days=DAYS)
    failed = Trace.objects.filter(kind=Trace.Kind.RUN, status="failed", created_at__gte=since)
    return {"failures": _failures(since), "failed_runs": failed.count(), "usage": _usage(since)}


def _pairs(evaluations: list[Evaluation]) -> list[tuple[Evaluation, Evaluation]]:
    prompts = dict.fromkeys(one.version.prompt for one in evaluations if one.version)
    return [pair for prompt in list(prompts)[:3] if (pair := comparable_pair(prompt))]


def _failures(since) -> list[dict]:
    """Model calls, tools and trials that ended in an error, by kind of error.

    A person who presses Stop is none, nor is a search without hits; a model that is not found is one.
    """
    calls = ModelCall.objects.filter(created_at__gte=since).exclude(error__in=NOT_FAILED).order_by()
    grouped = calls.values("error", "model").annotate(n=Count("pk"), last=Max("created_at"))
    trials = Trial.objects.filter(finished_at__gte=since, outcome=Trial.Outcome.ERROR, trace=None).order_by()
    unsent = trials.values("error_code").annotate(n=Count("pk"), last=Max("finished_at"))
    rows = [{"code": row["error"], "model": row["model"], "n": row["n"], "last": row["last"]} for row in grouped]
    rows += [{"code": row["error_code"], "model": "", "n": row["n"], "last": row["last"]} for row in unsent]
    tools = ToolCall.objects.filter(trace__created_at__gte=since).exclude(error__in=(*NOT_FAILED, NO_HITS)).order_by()
    broken = tools.values("error", "tool").annotate(n=Count("pk"), last=Max("trace__created_at"))
    rows += [{"code": row["error"], "model": row["tool"], "n": row["n"], "last": row["last"]} for row in broken]
    return sorted(rows, key=lambda row: row["last"], reverse=True)[:SHOWN]


def _usage(since) -> dict:
    sums = {"calls": Count("pk"), "input": Sum("input_tokens"), "output": Sum("output_tokens"), "cost": Sum("cost")}
    # What was recorded earlier and is only played back called nobody.
    played_back = Q(trace__trial__evaluation__recorded_at__isnull=False)
    calls = ModelCall.objects.filter(created_at__gte=since).exclude(played_back).order_by()
    by_day = {row["day"]: row for row in calls.annotate(day=TruncDate("created_at")).values("day").annotate(**sums)}
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    empty = {"calls": 0, "input": 0, "output": 0, "cost": None}
    rows = [{"day": day, **{key: by_day.get(day, empty)[key] for key in empty}} for day in days]
    for row in rows:
        row["tokens"] = row["input"] + row["output"]
    costs = [row["cost"] for row in rows if row["cost"] is not None]
    return {
        "rows": rows,
        "most": max([row["tokens"] for row in rows] + [1]),
        "calls": sum(row["calls"] for row in rows),
        "tokens": sum(row["tokens"] for row in rows),
        "cost": sum(costs) if costs else None,
    }


SECTIONS = {
    "evaluations": ("agents.view_evaluation", _evaluations),
    "prompts": ("agents.view_prompt", _prompts),
    "use": ("agents.view_trace", _use),
}
