"""Scores of many evaluations at once, for lists: one number each, by two queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Sum
from django.urls import reverse
from django.utils.html import format_html

from agents.admin.wording import cases
from agents.evals.outcomes import SCORED
from agents.models import Evaluation, Score, Trial
from agents.models.prompts import TEXTS


@dataclass(frozen=True, slots=True)
class Figure:
    """Where an evaluation stands. `score` is the mean of the first scorer, or None while nothing is scored."""

    evaluation: Evaluation
    planned: int
    answered: int
    passed: int
    errors: int
    score: float | None

    @property
    def scorer(self) -> str:
        """The one that decides the score."""
        return str(self.evaluation.scorers[0]) if self.evaluation.scorers else ""

    @property
    def percent(self) -> str:
        return "–" if self.score is None else f"{self.score * 100:.0f} %"


def figures_of(evaluations: Iterable[Evaluation]) -> dict[UUID, Figure]:
    rows = list(evaluations)
    counts: dict[UUID, dict[str | None, int]] = {}
    grouped = Trial.objects.filter(evaluation__in=rows).order_by().values_list("evaluation", "outcome")
    for evaluation_id, outcome, n in grouped.annotate(n=Count("pk")):
        counts.setdefault(evaluation_id, {})[outcome] = n
    sums: dict[tuple[UUID, str], float] = {}
    scored = Score.objects.filter(trial__evaluation__in=rows, trial__outcome__in=SCORED).order_by()
    for evaluation_id, scorer, total in scored.values_list("trial__evaluation", "scorer").annotate(total=Sum("value")):
        sums[evaluation_id, scorer] = total
    return {row.pk: _figure(row, counts.get(row.pk, {}), sums) for row in rows}


def _figure(evaluation: Evaluation, counts: dict, sums: dict[tuple[UUID, str], float]) -> Figure:
    answered = sum(counts.get(outcome, 0) for outcome in SCORED)
    main = evaluation.scorers[0] if evaluation.scorers else ""
    total = sums.get((evaluation.pk, str(main)), float(counts.get("passed", 0)))
    return Figure(
        evaluation=evaluation,
        planned=sum(counts.values()),
        answered=answered,
        passed=counts.get("passed", 0),
        errors=counts.get("error", 0),
        score=total / answered if answered else None,
    )


def last_figures(by: str, ids: Sequence[int]) -> dict[int, Figure]:
    """The largest finished evaluation, and of those the newest, of each row that `by` (a path from Evaluation) names.

    By the row's id. A quick try on a few cases doesn't take the place of a whole measurement.
    """
    done = Evaluation.objects.filter(state=Evaluation.State.DONE)
    sized = done.filter(**{by: OuterRef(by)}).annotate(size=Count("trials__case_key", distinct=True))
    newest = sized.order_by("-size", "-created_at").values("pk")[:1]
    latest = done.filter(**{f"{by}__in": ids}, pk=Subquery(newest)).select_related("version", "dataset")
    figures = figures_of(latest.defer(*(f"version__{name}" for name in TEXTS)))
    key = "prompt_id" if by.endswith("prompt") else "pk"
    return {getattr(figure.evaluation.version, key): figure for figure in figures.values()}


def figure_cell(figure: Figure | None) -> str:
    if figure is None:
        return format_html('<span class="faint">{}</span>', "not measured")
    url = reverse("admin:agents_evaluation_change", args=[figure.evaluation.pk])
    link = '<a class="num" href="{}">{}</a> <span class="faint">version {}, {} by {}</span>'
    measured = (figure.evaluation.version.number, cases(figure.answered), figure.scorer)
    return format_html(link, url, figure.percent, *measured)
