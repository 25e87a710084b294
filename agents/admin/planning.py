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
        scorers=evaluation.scorers,
        repeats=evaluation.repeats,
        concurrency=evaluation.concurrency,
        model=None if evaluation.recorded_at else evaluation.model,
        created_by=person,
    )


def estimate_of(plan: dict) -> dict:
    """How many calls, and by what the same prompt took before, how long and how much."""
    dataset, version = plan["dataset"], plan["version"]
    cases = dataset.cases.filter(split=plan["split"]) if plan["split"] else dataset.cases.all()
    n = cases.count()
    n = min(n, plan["limit"]) if plan["limit"] else n
    calls = n * plan["repeats"]
    before = Trial.objects.filter(evaluation__version__prompt=version.prompt, duration_ms__isnull=False)
    known = before.aggregate(
        ms=Avg("duration_ms"), tokens=Avg("input_tokens"), out=Avg("output_tokens"), cost=Avg("cost")
    )
    seconds = None if known["ms"] is None else calls * known["ms"] / 1000 / plan["concurrency"]
    return {
        "cases": n,
        "calls": calls,
        "repeats": plan["repeats"],
        "duration": None if seconds is None else duration(seconds),
        "tokens": None if known["tokens"] is None else round(calls * (known["tokens"] + (known["out"] or 0))),
        "cost": None if known["cost"] is None else calls * known["cost"],
    }
