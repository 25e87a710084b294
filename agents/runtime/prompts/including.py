"""Prompts that others include: which of their texts is meant, and which variables come with it (agents.md D.2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.templates.mustache import inclusions
from agents.runtime.templates.mustache_tree import Inclusion

# The texts of an example's template, by their keys in the prompt file.
EXAMPLE_TEXTS = ("user", "assistant", "text")


@dataclass(frozen=True, slots=True)
class Included:
    """The text that stands where a prompt is included, and the variables that the prompt declares, as in its file."""

    text: str
    variables: Sequence[Mapping[str, Any]] = ()


def included_part(reference: str, data: Mapping[str, Any]) -> Included:
    """What including a prompt file brings: its system message, or its only message where it has no other.

    The question of the included prompt stays behind: the includer asks its own. PromptError bad_include where it
    isn't clear which text is meant.
    """
    if (data.get("format") or "mustache") != "mustache":
        raise PromptError("bad_include", f"{reference} is written in LangChain's style: only mustache can be included.")
    messages = [message for message in data.get("messages") or () if "content" in message]
    texts = [message["content"] for message in messages if message.get("role") == "system"]
    if not texts and len(messages) == 1:
        texts = [messages[0]["content"]]
    if len(texts) != 1:
        detail = (
            f"{reference} can't be included: it has {len(texts) or 'no'} system messages, and exactly one is taken."
        )
        raise PromptError("bad_include", detail)
    return Included(texts[0], tuple(data.get("variables") or ()))


def with_texts(data: Mapping[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """A prompt file with every text that may include others changed: `change(text, where)`.

    What has another form than a prompt file is left for the parser to refuse.
    """
    if (data.get("format") or "mustache") != "mustache":
        return dict(data)
    changed = dict(data)
    messages, example = data.get("messages"), data.get("example")
    if isinstance(messages, list | tuple):
        changed["messages"] = [_changed(m, ("content",), f"message {n}", change) for n, m in enumerate(messages, 1)]
    if example:
        changed["example"] = _changed(example, EXAMPLE_TEXTS, "example template", change)
    return changed


def _changed(item: Any, keys: Iterable[str], where: str, change: Callable[[str, str], str]) -> Any:
    if not isinstance(item, Mapping):
        return item
    return {**item, **{key: change(item[key], where) for key in keys if isinstance(item.get(key), str)}}


def pinned(data: Mapping[str, Any], pin: Callable[[str], str]) -> dict[str, Any]:
    """A prompt file whose inclusions name fixed versions; `pin` turns `slug@label` into `slug@3`.

    PromptErrors of `pin` get the place. Texts that can't be parsed are left for the parser to refuse.
    """

    def pin_text(text: str, where: str) -> str:
        parts, position = list[str](), 0
        for inclusion in _inclusions_of(text):
            place = f"{where}, line {inclusion.line}, column {inclusion.column}"
            try:
                fixed = pin(inclusion.reference)
            except PromptError as error:
                detail = f"{place.capitalize()}: {error.detail}"
                raise PromptError(error.code, detail, line=inclusion.line, column=inclusion.column) from error
            parts += [text[position : inclusion.start], f"{{{{> {fixed}}}}}"]
            position = inclusion.end
        return "".join((*parts, text[position:]))

    return with_texts(data, pin_text)


def references_in(data: Mapping[str, Any]) -> list[str]:
    """What a prompt file includes, each reference once."""
    found: dict[str, None] = {}

    def look(text: str, _: str) -> str:
        found.update(dict.fromkeys(inclusion.reference for inclusion in _inclusions_of(text)))
        return text

    with_texts(data, look)
    return list(found)


def _inclusions_of(text: str) -> list[Inclusion]:
    if "{{>" not in text:
        return []
    try:
        return inclusions(text)
    except PromptError:
        return []
