"""A template of one format in the other, or a refusal that says what the other can't express."""

from agents.runtime.errors import PromptError
from agents.runtime.templates import fstring, mustache
from agents.runtime.templates.base import Use, refuse
from agents.runtime.templates.formats import Format
from agents.runtime.templates.mustache_tree import Inclusion


def convert(text: str, source: Format, target: Format) -> str:
    """The same template in the other format: it renders the same for all values. Comments are lost.

    PromptError `not_convertible` for sections, inclusions and keys of objects, which `fstring` doesn't have, and for
    a brace or backslash right before a variable, which `mustache` would read as a part of its tag.
    """
    if source == target:
        return text
    return _to_fstring(text) if target == "fstring" else _to_mustache(text)


def _to_fstring(text: str) -> str:
    parts: list[str] = []
    for child in mustache.parse(text, None).root.children:
        if isinstance(child, str):
            parts.append(child.replace("{", "{{").replace("}", "}}"))
        elif isinstance(child, Use) and "." not in child.name:
            parts.append("{" + child.name + "}")
        elif isinstance(child, Use):
            raise _refused(f"{child.name} is a key of an object", child)
        else:
            use = child if isinstance(child, Inclusion) else child.use
            raise _refused("Sections and inclusions can't be expressed", use)
    return "".join(parts)


def _refused(what: str, at: Use | Inclusion | None) -> PromptError:
    line, column = (at.line, at.column) if at else (1, 1)
    detail = f"{what}: the format fstring has only plain names (line {line}, column {column})."
    return PromptError("not_convertible", detail, line=line, column=column)


def _to_mustache(text: str) -> str:
    template = fstring.parse(text)
    converted = "".join(
        part.replace("{{", r"\{{") if isinstance(part, str) else f"{{{{ {part.name} }}}}" for part in _joined(template)
    )
    if not _same(converted, template):
        detail = "A { or \\ right before a variable can't be expressed in mustache: put a space between them."
        raise refuse("not_convertible", detail, text, 0)
    return converted


def _joined(template: fstring.FStringTemplate) -> list[str | Use]:
    """With neighbouring texts as one: two braces may come from two of them."""
    parts: list[str | Use] = []
    for part in template.parts:
        if parts and isinstance(part, str) and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return [part for part in parts if part != ""]


def _same(converted: str, template: fstring.FStringTemplate) -> bool:
    """Whether the result says what the source did, tag by tag."""
    try:
        children = mustache.parse(converted, None).root.children
    except PromptError:
        return False
    read = fstring.FStringTemplate(tuple(child for child in children if isinstance(child, str | Use)))
    names = [part if isinstance(part, str) else (part.name,) for part in _joined(read)]
    return names == [part if isinstance(part, str) else (part.name,) for part in _joined(template)]
