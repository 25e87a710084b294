"""Bring cases in from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.management.commands._files import BAD_ARGUMENTS, read_text
from agents.services.datasets import DatasetFileError, import_cases

FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


class Command(BaseCommand):
    help = "Add the cases of a file to a dataset, or bring those with the same id up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", metavar="SLUG")
        parser.add_argument("file", metavar="FILE.jsonl|csv")
        parser.add_argument("--name", help="Name of the dataset where it is new.")

    def handle(self, *args: Any, dataset: str, file: str, name: str | None = None, **options: Any) -> None:
        file_format = FORMATS.get(Path(file).suffix.lower())
        if file_format is None:
            raise CommandError(f"{file} must end in .jsonl or .csv.", returncode=BAD_ARGUMENTS)
        try:
            done = import_cases(slug=dataset, name=name, text=read_text(file), file_format=file_format)
        except DatasetFileError as error:
            problem = f"{file} was not imported; nothing has changed.\n{error}"
            raise CommandError(problem, returncode=BAD_ARGUMENTS) from error
        self.stdout.write(f"{dataset}: {done.added} added, {done.changed} changed, {done.unchanged} unchanged.")
