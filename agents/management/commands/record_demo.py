"""Record what the model at hand answers to the demo's prompt versions."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents import build
from agents.demo import content, recordings
from agents.demo.record import record
from agents.management.commands._model import model_at_hand
from agents.management.commands._progress import Progress
from agents.runtime.errors import RunError


class Command(BaseCommand):
    help = "Put both versions of the demo's controversy prompt to a model, and write its answers into agents/demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", default="default", metavar="NAME")
        parser.add_argument("--concurrency", type=int, default=2, metavar="N")

    def handle(self, *args: Any, model: str, concurrency: int, **options: Any) -> None:
        try:
            asyncio.run(self._record(model, concurrency))
        except RunError as error:
            raise CommandError(f"{error.detail} Nothing more was recorded.") from error

    async def _record(self, model: str, concurrency: int) -> None:
        async with model_at_hand():
            llm = await build.language_models.llm_for(model)
            for version in content.VERSIONS:
                self.stderr.write(f"{version}:")
                progress = Progress(self.stderr, len(content.cases()))
                recording = await record(
                    version, llm, concurrency=concurrency, on_result=lambda result, show=progress: show([result])
                )
                path = content.recording_path(version)
                recordings.write(path, recording)
                self.stdout.write(f"{path.name}: {len(recording.answers)} answers of {recording.model}.")
