"""Evaluations that can be compared: two versions of a prompt, measured on the same cases by the same scorer."""

from django.db.models import Count, QuerySet

from agents.models import Evaluation, Prompt, PromptVersion

LOOKED_AT = 50


def comparable_pair(prompt: Prompt) -> tuple[Evaluation, Evaluation] | None:
    """The two latest versions that were measured alike, older one first; more cases are preferred."""
    newest: dict[tuple[object, ...], dict[int, Evaluation]] = {}
    for evaluation in _finished().filter(version__prompt=prompt).order_by("-created_at")[:LOOKED_AT]:
        newest.setdefault(_measured_as(evaluation), {}).setdefault(evaluation.version.number, evaluation)
    alike = [versions for versions in newest.values() if len(versions) > 1]
    if not alike:
        return None
    versions = max(alike, key=lambda versions: next(iter(versions.values())).size)
    first, second = sorted(versions)[-2:]
    return versions[first], versions[second]


def newest_pair() -> tuple[Evaluation, Evaluation] | None:
    """The pair of the prompt that was measured last and has one."""
    measured = _finished().order_by("-created_at")[:LOOKED_AT]
    prompts = dict.fromkeys(evaluation.version.prompt for evaluation in measured)
    return next((pair for prompt in prompts if (pair := comparable_pair(prompt))), None)


def latest_pair(a: PromptVersion, b: PromptVersion) -> tuple[Evaluation, Evaluation] | None:
    """The newest evaluations of both that were measured alike, else on one dataset at least."""
    of_a, of_b = (list(_finished().filter(version=version).order_by("-created_at")[:LOOKED_AT]) for version in (a, b))
    pairs = [(one, other) for other in of_b for one in of_a if one.pk != other.pk]
    alike = (pair for pair in pairs if _measured_as(pair[0]) == _measured_as(pair[1]))
    return next(alike, None) or next((pair for pair in pairs if pair[0].dataset_id == pair[1].dataset_id), None)


def _finished() -> QuerySet[Evaluation]:
    done = Evaluation.objects.filter(state=Evaluation.State.DONE, version__isnull=False)
    return done.select_related("version__prompt", "dataset").annotate(size=Count("trials__case_key", distinct=True))


def _measured_as(evaluation: Evaluation) -> tuple[object, ...]:
    """What must agree for two scores to say the same: the cases, and the scorer that decides."""
    scorer = evaluation.scorers[0] if evaluation.scorers else ""
    return evaluation.dataset_id, evaluation.split, evaluation.size, scorer
