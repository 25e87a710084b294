"""Bring a prompt in from a file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.management.commands._files import BAD_ARGUMENTS, read_text
from agents.runtime.errors import PromptError
from agents.services.prompts import import_prompt
from agents.services.prompts.text import from_yaml


class Command(BaseCommand):
    help = "Publish a prompt file as a new version, unless the highest published version already says the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.yaml")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        text = read_text(file)
        try:
            imported = import_prompt(data=from_yaml(text))
        except PromptError as error:
            place = f" (line {error.line}, column {error.column})" if error.line else ""
            raise CommandError(f"{file} was not imported. {error.detail}{place}", returncode=BAD_ARGUMENTS) from error
        if imported.created:
            self.stdout.write(f"{imported.version}: published as version {imported.version.number}.")
        else:
            self.stdout.write(f"{imported.version} says the same: nothing changed.")
