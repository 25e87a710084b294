"""Reading what people hand to commands: files, and prompts by reference."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from agents.models import Chain, PromptVersion
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


def subject_of(reference: str) -> dict[str, Any]:
    """What an argument names as the thing to measure: `chain:slug`, or a version of a prompt."""
    if not reference.startswith("chain:"):
        return {"version": version_of(reference)}
    slug = reference.removeprefix("chain:")
    chain = Chain.objects.filter(slug=slug).first()
    if chain is None:
        known = ", ".join(Chain.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no chain “{slug}”. Chains: {known}.", returncode=BAD_ARGUMENTS)
    return {"chain": chain}
