"""A draft in the other template format: the same texts, written as that format says them."""

from typing import Any

from agents.models import PromptVersion, User
from agents.runtime.errors import PromptError
from agents.runtime.templates.conversion import convert
from agents.runtime.templates.formats import Format
from agents.services.prompts.content import FIELDS
from agents.services.prompts.differences import Diff, compared
from agents.services.prompts.versions import save_draft

OTHER: dict[str, Format] = {"mustache": "fstring", "fstring": "mustache"}
EXAMPLE_TEXTS = ("user", "assistant")


def conversion_of(version: PromptVersion) -> Diff:
    """What converting would change. PromptError `not_convertible` says which text can't be, and why."""
    return compared(_content(version), _converted(version))


def convert_draft(*, version: PromptVersion, author: User | None = None, edition: str | None = None) -> PromptVersion:
    """Save the draft in the other format; `edition` is the one that was looked at. Examples hold values: they stay."""
    keys = ("inputs", "reasoning", "output", "enabled", "source")
    return save_draft(
        version=version,
        content={**_converted(version), "commit_message": version.commit_message},
        examples=list(version.examples.values(*keys)),
        author=author,
        edition=edition,
    )


def _content(version: PromptVersion) -> dict[str, Any]:
    return {key: getattr(version, field) for key, field in FIELDS.items()}


def _converted(version: PromptVersion) -> dict[str, Any]:
    content, target = _content(version), OTHER[version.format]

    def text_of(where: str, text: str) -> str:
        try:
            return convert(text, version.format, target)  # type: ignore[arg-type]
        except PromptError as error:
            raise PromptError(error.code, f"{where}: {error.detail}") from error

    messages = [
        {**message, "content": text_of(f"Message {place}", message["content"])} if "content" in message else message
        for place, message in enumerate(content["messages"], 1)
    ]
    example = {
        key: text_of(f"How an example is written, {key}", value) if key in EXAMPLE_TEXTS else value
        for key, value in content["example"].items()
    }
    return {**content, "format": target, "messages": messages, "example": example}
