"""Reading what people hand to commands: files, and prompts by reference."""

from pathlib import Path

from django.core.management.base import CommandError

from agents.models import PromptVersion
from agents.services.prompts import UnknownPrompt, resolve

BAD_ARGUMENTS = 2


def read_text(path: str) -> str:
    """The file as text; a CommandError that says what is wrong with it otherwise."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.", returncode=BAD_ARGUMENTS) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CommandError(
            f"{path}, line {line}: this is not UTF-8 text. Save the file as UTF-8.", returncode=BAD_ARGUMENTS
        ) from error


def version_of(reference: str) -> PromptVersion:
    """The version that an argument names; the highest published number without `@`."""
    try:
        return resolve(reference, default="latest")
    except UnknownPrompt as error:
        raise CommandError(error.detail, returncode=BAD_ARGUMENTS) from error
