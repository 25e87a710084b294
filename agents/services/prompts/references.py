"""Finding a version by how people write it: `slug`, `slug@label` or `slug@3`."""

from agents.models import Prompt, PromptVersion
from agents.models.prompts import LATEST


class UnknownPrompt(LookupError):
    """A reference that leads nowhere; the sentence says what there is instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def resolve(reference: str, *, default: str) -> PromptVersion:
    """The published version that is meant; without `@` it is `default`: a label, or `latest` for the highest number."""
    slug, _, target = reference.strip().partition("@")
    prompt = Prompt.objects.filter(slug=slug).first()
    if prompt is None:
        known = ", ".join(Prompt.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise UnknownPrompt(f"There is no prompt “{slug}”. Prompts: {known}.")
    if latest_published(prompt) is None:
        raise UnknownPrompt(f"Prompt “{slug}” has no published version. Publish its draft first.")
    target = target or default
    return _numbered(prompt, int(target)) if _is_number(target) else _labelled(prompt, target)


def _is_number(target: str) -> bool:
    """Up to nine digits: what the database can hold."""
    return target.isascii() and target.isdecimal() and len(target) < 10


def latest_published(prompt: Prompt) -> PromptVersion | None:
    return PromptVersion.objects.published().filter(prompt=prompt).order_by("-number").first()


def _numbered(prompt: Prompt, number: int) -> PromptVersion:
    version = prompt.versions.filter(number=number).first()
    if version is None:
        published = prompt.versions.published().order_by("number").values_list("number", flat=True)
        known = ", ".join(map(str, published))
        raise UnknownPrompt(f"Prompt “{prompt.slug}” has no version {number}. Published: {known}.")
    if not version.is_published:
        raise UnknownPrompt(f"Version {number} of “{prompt.slug}” is a draft. Publish it first.")
    return version


def _labelled(prompt: Prompt, name: str) -> PromptVersion:
    if name == LATEST:
        return PromptVersion.objects.published().filter(prompt=prompt).select_related("prompt").latest("number")
    label = prompt.labels.select_related("version__prompt").filter(name=name).first()
    if label is not None:
        return label.version
    known = ", ".join(prompt.labels.values_list("name", flat=True)) or "none"
    raise UnknownPrompt(f"Prompt “{prompt.slug}” has no label “{name}”. Its labels: {known}.")
