"""What an evaluation will take, and how one is asked again."""

from django.db.models import Avg, QuerySet

from agents.admin.wording import duration
from agents.models import Chain, Evaluation, PromptVersion, Trial
from agents.services.evaluations import plan_evaluation


def run_again(evaluation: Evaluation, person) -> Evaluation:
    """The same plan for the model that is connected now; recorded outputs name the model that they came from."""
    return plan_evaluation(
        version=evaluation.version,
        chain=evaluation.chain,
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
    names = ("version", "chain", "dataset", "split", "limit", "repeats", "concurrency")
    return {name: getattr(evaluation, name) for name in names}


def _before(taken: QuerySet[Trial], version: PromptVersion | None, chain: Chain | None) -> QuerySet[Trial]:
    """Trials of the same version, or else of its prompt; of the chain whatever it was then."""
    if version is None:
        return taken.filter(evaluation__chain=chain)
    same = taken.filter(evaluation__version=version)
    return same if same.exists() else taken.filter(evaluation__version__prompt=version.prompt)


def estimate_of(plan: dict) -> dict:
    """How many calls, and by what the version, or else its prompt, took before, how long and how much."""
    dataset = plan["dataset"]
    cases = dataset.cases.filter(split=plan["split"]) if plan["split"] else dataset.cases.all()
    n = cases.count()
    n = min(n, plan["limit"]) if plan["limit"] else n
    calls = n * plan["repeats"]
    taken = Trial.objects.filter(duration_ms__isnull=False)
    known = _before(taken, plan["version"], plan["chain"]).aggregate(
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
