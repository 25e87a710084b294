"""Bring a prompt in from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from agents.management.commands._files import BAD_ARGUMENTS, read_text
from agents.runtime.errors import PromptError
from agents.runtime.prompts.langchain import from_langchain, is_langchain
from agents.services.prompts import import_prompt
from agents.services.prompts.text import from_json, from_yaml


class Command(BaseCommand):
    help = (
        "Publish a prompt file as a new version, unless the highest published version already says the same. "
        "Prompt files of LangChain (YAML or JSON) are taken too, under the name of the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.yaml")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        text = read_text(file)
        try:
            data = from_json(text) if Path(file).suffix.lower() == ".json" else from_yaml(text)
            if is_langchain(data):
                data = from_langchain(data, slug=slugify(Path(file).stem))
            imported = import_prompt(data=data)
        except PromptError as error:
            place = f" (line {error.line}, column {error.column})" if error.line else ""
            raise CommandError(f"{file} was not imported. {error.detail}{place}", returncode=BAD_ARGUMENTS) from error
        if imported.created:
            self.stdout.write(f"{imported.version}: published as version {imported.version.number}.")
        else:
            self.stdout.write(f"{imported.version} says the same: nothing changed.")
