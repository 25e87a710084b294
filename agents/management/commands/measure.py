"""Measure the demo's strategies or agents with the model at hand; run again, it goes on where it stopped."""

import asyncio
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents import build
from agents.evals.runner import PlannedTrial, TrialResult, run_trials
from agents.evals.scorers import parse_scorer
from agents.management.commands._model import model_at_hand
from agents.measurements import journal, subjects
from agents.measurements.page import TITLES, page
from agents.measurements.subjects import Case, Subject
from agents.measurements.table import table
from agents.runtime.errors import RunError

DIRECTORY = Path(settings.BASE_DIR) / "docs" / "measurements"


class Command(BaseCommand):
    help = "Measure the demo's strategies on word problems, or its agents on questions and claims. Prints the table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=TITLES)
        parser.add_argument("--cases", type=int, default=50, metavar="N", help="how many word problems")
        parser.add_argument("--only", action="append", metavar="NAME", help="one row of the table; may be repeated")
        parser.add_argument("--model", default="default", metavar="NAME")
        parser.add_argument("--anew", action="store_true", help="forget what was measured of these rows before")

    def handle(
        self, *args: Any, what: str, cases: int, only: list[str] | None, model: str, anew: bool, **options: Any
    ) -> None:
        path = DIRECTORY / f"{what}.jsonl"
        try:
            asyncio.run(self._measure(what, cases, only, model, path, anew=anew))
        except RunError as error:
            raise CommandError(f"{error.detail} What was measured until then is kept.") from error
        finally:
            lines = journal.read(path)
            if lines:
                (DIRECTORY / f"{what}.md").write_text(page(what, lines), encoding="utf-8")
        self.stdout.write(table(lines, TITLES[what]))

    async def _measure(
        self, what: str, cases: int, only: list[str] | None, model: str, path: Path, *, anew: bool
    ) -> None:
        async with model_at_hand():
            llm = await build.language_models.llm_for(model)
            sandbox = build.sandboxes.interpreter()
            found = subjects.agents(llm) if what == "agents" else subjects.strategies(llm, sandbox, cases=cases)
            chosen = [subject for subject in found if not only or subject.name in only]
            for subject in chosen:
                if anew:
                    journal.forget(path, subject.name)
                _check_kept(subject, path, Path(llm.name).name)
            for subject in chosen:
                await self._one(subject, path, Path(llm.name).name)

    async def _one(self, subject: Subject, path: Path, model: str) -> None:
        """One after another: side by side they would share the machine, and no time would mean anything."""
        done = {line.case for line in journal.read(path) if line.subject == subject.name}
        for number, case in enumerate(subject.cases, 1):
            if case.id in done:
                continue
            began = time.monotonic()
            result = await _tried(subject, case)
            line = journal.line_of(subject, result, seconds=time.monotonic() - began, model=model)
            if result.outcome == "error":
                raise RunError(result.error_code, f"{subject.name}, {case.id}: {result.error_detail}")
            journal.append(path, line)
            self.stderr.write(f"{subject.name} {number} of {len(subject.cases)}: {line.outcome} ({line.seconds} s)")


def _check_kept(subject: Subject, path: Path, model: str) -> None:
    """Rows of another model or prompt would make the table a mixture that says nothing."""
    if any(line.subject == subject.name and not line.is_of(subject, model) for line in journal.read(path)):
        raise CommandError(
            f"{subject.name} was measured with another model, or before its prompt or agent was changed. "
            f"Measure it from the beginning with --only {subject.name} --anew."
        )


async def _tried(subject: Subject, case: Case) -> TrialResult:
    results: list[TrialResult] = []

    async def keep(result: TrialResult) -> None:
        results.append(result)

    await run_trials(
        [PlannedTrial(case.id, case.inputs, case.expected)],
        target=subject.target,
        spec=subject.output,
        scorers=[parse_scorer(subject.scorer)],
        concurrency=1,
        on_result=keep,
    )
    return results[0]
