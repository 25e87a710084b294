"""Write a prompt out as a file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.management.commands._files import version_of
from agents.services.prompts import export_prompt
from agents.services.prompts.text import to_yaml


class Command(BaseCommand):
    help = "Write a version as a prompt file to standard output; without @ it is the highest published number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt", metavar="SLUG[@label|@number]")

    def handle(self, *args: Any, prompt: str, **options: Any) -> None:
        self.stdout.write(to_yaml(export_prompt(version_of(prompt))), ending="")
