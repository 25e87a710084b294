"""What an evaluation will take, and how one is asked again."""

from django.db.models import Avg

from agents.admin.wording import duration
from agents.models import Evaluation, Trial
from agents.services.evaluations import plan_evaluation


def run_again(evaluation: Evaluation, person) -> Evaluation:
    """The same plan for the model that is connected now; recorded outputs name the model that they came from."""
    return plan_evaluation(
        version=evaluation.version,
        dataset=evaluation.dataset,
        split=evaluation.split,
        limit=evaluation.limit,
        scorers=evaluation.scorers,
        repeats=evaluation.repeats,
        concurrency=evaluation.concurrency,
        model=None if evaluation.recorded_at else evaluation.model,
        created_by=person,
    )


def plan_of(evaluation: Evaluation) -> dict:
    """What asking it again would ask, for an estimate."""
    names = ("version", "dataset", "split", "limit", "repeats", "concurrency")
    return {name: getattr(evaluation, name) for name in names}


def estimate_of(plan: dict) -> dict:
    """How many calls, and by what the version, or else its prompt, took before, how long and how much."""
    dataset, version = plan["dataset"], plan["version"]
    cases = dataset.cases.filter(split=plan["split"]) if plan["split"] else dataset.cases.all()
    n = cases.count()
    n = min(n, plan["limit"]) if plan["limit"] else n
    calls = n * plan["repeats"]
    taken = Trial.objects.filter(duration_ms__isnull=False)
    before = taken.filter(evaluation__version=version)
    if not before.exists():
        before = taken.filter(evaluation__version__prompt=version.prompt)
    known = before.aggregate(
        ms=Avg("duration_ms"), tokens=Avg("input_tokens"), out=Avg("output_tokens"), cost=Avg("cost")
    )
    seconds = None if known["ms"] is None else calls * known["ms"] / 1000 / plan["concurrency"]
    return {
        "cases": n,
        "calls": calls,
        "repeats": plan["repeats"],
        "seconds": seconds,
        "duration": None if seconds is None else duration(seconds),
        "tokens": None if known["tokens"] is None else round(calls * (known["tokens"] + (known["out"] or 0))),
        "cost": None if known["cost"] is None else calls * known["cost"],
    }
