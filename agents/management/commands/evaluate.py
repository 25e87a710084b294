"""Measure a version of a prompt on a dataset, in a terminal or as a gate in CI."""

import asyncio
import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from agents.evaluator import run_evaluation
from agents.management.commands._files import BAD_ARGUMENTS, subject_of
from agents.management.commands._model import NoModel, model_at_hand
from agents.management.commands._progress import Progress
from agents.models import Dataset, Evaluation
from agents.services.evaluations import (
    PlanError,
    Summary,
    cancel_evaluation,
    compare,
    plan_evaluation,
    resume_evaluation,
    summary,
)

GATE_FAILED = 1
ENDED_IN_ERRORS = 3
COMMAND = Evaluation.Runner.COMMAND


class Command(BaseCommand):
    help = (
        "Evaluate a version or a chain on a dataset. Exits 0 when done, 1 when the score is under --fail-under or "
        "worse than the baseline, 2 for bad arguments, 3 when trials ended in errors or there was no model to ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt", nargs="?", metavar="SLUG[@label|@number]|chain:SLUG")
        parser.add_argument("dataset", nargs="?", metavar="DATASET")
        parser.add_argument("--split", default="", metavar="NAME", help="Only the cases of this split.")
        parser.add_argument("--scorer", action="append", default=[], metavar="NAME", help="May be given several times.")
        parser.add_argument("--repeats", type=int, default=1, metavar="N")
        parser.add_argument("--concurrency", type=int, default=2, metavar="N", help="Calls in flight at a time.")
        parser.add_argument("--model", metavar="NAME", help="A model's slug, or an id at the default server.")
        parser.add_argument("--limit", type=int, metavar="N", help="Only the first N cases.")
        parser.add_argument("--baseline", metavar="SLUG@…", help="Fail when worse than this version.")
        parser.add_argument("--fail-under", type=float, metavar="X", help="Fail when the score (0 to 1) is lower.")
        parser.add_argument("--resume", metavar="ID", help="Go on with an evaluation; retries its errors too.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object to standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            evaluation, baseline = _plans(options)
        except PlanError as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        unfinished = [e for e in (baseline, evaluation) if e and e.finished_at is None]
        try:
            asyncio.run(self._run(unfinished))
        except NoModel as error:
            raise CommandError(f"{error} {_given_up(unfinished)}", returncode=ENDED_IN_ERRORS) from error
        self._report(evaluation, baseline, options)

    async def _run(self, evaluations: list[Evaluation]) -> None:
        if not evaluations:
            return
        async with model_at_hand():
            for evaluation in evaluations:
                await self._run_one(evaluation)

    async def _run_one(self, evaluation: Evaluation) -> None:
        total = await asyncio.to_thread(lambda: evaluation.trials.left().count())
        self.stderr.write(f"Evaluation {evaluation.pk}: {total} trials.")
        try:
            if not await run_evaluation(evaluation.pk, on_progress=Progress(self.stderr, total)):
                raise CommandError("Another process is running this evaluation.", returncode=BAD_ARGUMENTS)
        except asyncio.CancelledError:
            self.stderr.write(
                f"\nStopped; what is done is kept. Go on with: manage.py evaluate --resume {evaluation.pk}"
            )
            raise

    def _report(self, evaluation: Evaluation, baseline: Evaluation | None, options: dict[str, Any]) -> None:
        evaluation.refresh_from_db()
        found = summary(evaluation)
        self.stdout.write(json.dumps(found.to_json()) if options["json"] else _in_words(evaluation, found))
        if errors := found.outcomes["error"]:
            message = f"{errors} of {found.trials} trials ended in errors. Retry: {_again(evaluation)}"
            raise CommandError(message, returncode=ENDED_IN_ERRORS)
        if found.waiting:
            message = f"{found.waiting} trials are left. Go on: {_again(evaluation)}"
            raise CommandError(message, returncode=ENDED_IN_ERRORS)
        _check_gates(evaluation, found, baseline, options)


@transaction.atomic
def _plans(options: dict[str, Any]) -> tuple[Evaluation, Evaluation | None]:
    """The evaluation and its baseline, which is measured in the same way: the two must differ in the version only."""
    threshold = options["fail_under"]
    if threshold is not None and not 0 <= threshold <= 1:
        raise PlanError(f"--fail-under {threshold:g} is no score. Scores are between 0 and 1, such as 0.7.")
    if not options["resume"]:
        evaluation = _planned(options["prompt"], options)
        return evaluation, _planned(options["baseline"], options) if options["baseline"] else None
    if options["prompt"] or options["dataset"] or options["baseline"]:
        raise PlanError("--resume stands alone: it goes on with a plan that is frozen.")
    return _resumed(options["resume"]), None


def _planned(reference: str | None, options: dict[str, Any]) -> Evaluation:
    if not reference or not options["dataset"]:
        raise PlanError("Say which prompt and which dataset: manage.py evaluate SLUG DATASET.")
    dataset = Dataset.objects.filter(slug=options["dataset"]).first()
    if dataset is None:
        known = ", ".join(Dataset.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise PlanError(f"There is no dataset “{options['dataset']}”. Datasets: {known}.")
    return plan_evaluation(
        **subject_of(reference),
        dataset=dataset,
        split=options["split"],
        scorers=options["scorer"],
        repeats=options["repeats"],
        concurrency=options["concurrency"],
        model=options["model"],
        limit=options["limit"],
        runner=COMMAND,
    )


def _resumed(evaluation_id: str) -> Evaluation:
    try:
        evaluation = Evaluation.objects.get(pk=UUID(evaluation_id))
    except (ValueError, Evaluation.DoesNotExist):
        raise PlanError(f"There is no evaluation {evaluation_id}.") from None
    return resume_evaluation(evaluation=evaluation, runner=COMMAND)


def _given_up(evaluations: list[Evaluation]) -> str:
    """No one else takes up a command's plans: they would wait for ever."""
    for evaluation in evaluations:
        cancel_evaluation(evaluation=evaluation)
    return f"When there is one: {', then '.join(map(_again, evaluations))}"


def _again(evaluation: Evaluation) -> str:
    return f"manage.py evaluate --resume {evaluation.pk}"


def _check_gates(evaluation: Evaluation, found: Summary, baseline: Evaluation | None, options: dict[str, Any]) -> None:
    threshold = options["fail_under"]
    if threshold is not None and (found.score is None or found.score < threshold):
        raise CommandError(f"The score {_shown(found.score)} is under {threshold}.", returncode=GATE_FAILED)
    if baseline is not None:
        comparison = compare(baseline, evaluation)
        if comparison.verdict == "worse":
            raise CommandError(f"Worse than {baseline.subject}: {comparison.sentence}", returncode=GATE_FAILED)


def _in_words(evaluation: Evaluation, found: Summary) -> str:
    outcomes = ", ".join(f"{count} {name}" for name, count in found.outcomes.items() if count)
    low, high = found.interval or (None, None)
    lines = [
        f"{evaluation.subject} on {evaluation.dataset.slug}: {found.cases} cases, {found.trials} trials",
        f"  score     {_shown(found.score)}  (95 %: {_shown(low)} to {_shown(high)}; {evaluation.scorers[0]})",
        f"  outcomes  {outcomes or 'none'}",
    ]
    lines += [f"  {'also':<8}  {_shown(other.score)}  ({other.name})" for other in found.scorers[1:]]
    if found.mean_absolute_error is not None:
        lines.append(f"  off by    {found.mean_absolute_error:.2f} on average")
    lines.append(f"  tokens    {found.input_tokens:,} in, {found.output_tokens:,} out")
    if found.cost is not None:
        lines.append(f"  cost      ${found.cost:f}")
    if found.seconds is not None:
        lines.append(f"  time      {found.seconds:.1f} s; a trial {_shown(found.latency['p50'])} s at the median")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
