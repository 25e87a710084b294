"""Evaluations that can be compared: two versions of a prompt, measured on the same cases."""

from django.db.models import Count

from agents.models import Evaluation, Prompt, PromptVersion

LOOKED_AT = 50


def comparable_pair(prompt: Prompt) -> tuple[Evaluation, Evaluation] | None:
    """The two latest versions that were measured on the same cases, older one first; more cases are preferred."""
    done = Evaluation.objects.filter(version__prompt=prompt, state=Evaluation.State.DONE)
    found = done.select_related("version__prompt", "dataset").annotate(size=Count("trials"))
    newest: dict[tuple[int, int, str], dict[int, Evaluation]] = {}
    for evaluation in found.order_by("-created_at")[:LOOKED_AT]:
        same_cases = newest.setdefault((evaluation.size, evaluation.dataset_id, evaluation.split), {})
        same_cases.setdefault(evaluation.version.number, evaluation)
    for _, versions in sorted(newest.items(), reverse=True):
        if len(versions) > 1:
            first, second = sorted(versions)[-2:]
            return versions[first], versions[second]
    return None


def latest_pair(a: PromptVersion, b: PromptVersion) -> tuple[Evaluation, Evaluation] | None:
    """The newest evaluations of both on one dataset."""
    found = Evaluation.objects.select_related("version__prompt", "dataset")
    for evaluation in found.filter(version=b):
        same = found.filter(version=a, dataset=evaluation.dataset, split=evaluation.split).first()
        if same is not None:
            return same, evaluation
    return None
