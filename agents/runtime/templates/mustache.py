"""The default format: `{{ name }}`, sections, inverted sections and comments; single braces stay what they are.

Values are inserted as they are, without HTML escaping: a prompt is not a page. Lambdas, changes of delimiter and
attribute access don't exist, so a template can't reach anything that it wasn't given.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.templates.base import Use, missing, place, refuse, written

TAG = re.compile(r"\\\{\{|\{\{(?P<sigil>[#^/!>]?)(?P<inside>.*?)\}\}", re.DOTALL)
NAME = re.compile(r"(?:\.|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\Z")
MAX_DEPTH = 20

_ABSENT = object()


@dataclass(slots=True)
class Section:
    """What stands between `{{#name}}` and `{{/name}}`; the root has no `use`."""

    use: Use | None = None
    inverted: bool = False
    offset: int = 0
    children: "list[str | Use | Section]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MustacheTemplate:
    root: Section

    @property
    def uses(self) -> tuple[Use, ...]:
        return tuple(_uses(self.root))

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(_head(use.name) for use in self.uses if not use.within and use.name != ".")

    def render(self, values: Mapping[str, Any]) -> str:
        absent: list[str] = []
        text = "".join(_render(self.root.children, [values], absent))
        if absent:
            raise missing(absent)
        return text


def parse(text: str) -> MustacheTemplate:
    stack = [Section()]
    position = 0
    while tag := TAG.search(text, position):
        _check_unclosed(text, position, tag.start())
        start, end = _whole_line(text, tag)
        stack[-1].children.append(text[position : max(start, position)])
        _take(tag, text, stack)
        position = end
    _check_unclosed(text, position, len(text))
    stack[-1].children.append(text[position:])
    if unclosed := stack[-1].use:
        raise _unclosed_section(unclosed.name, text, stack[-1].offset)
    return MustacheTemplate(stack[0])


def _check_unclosed(text: str, start: int, end: int) -> None:
    if (at := text.find("{{", start, end)) >= 0:
        raise refuse("unclosed_tag", r"This {{ is never closed. Write \{{ for a literal one.", text, at)


def _whole_line(text: str, tag: re.Match[str]) -> tuple[int, int]:
    """The extent of a tag: a section or comment tag alone on its line takes the line with it."""
    if not tag["sigil"]:
        return tag.span()
    line_start = text.rfind("\n", 0, tag.start()) + 1
    line_end = text.find("\n", tag.end())
    line_end = len(text) if line_end < 0 else line_end + 1
    alone = not (text[line_start : tag.start()] + text[tag.end() : line_end]).strip()
    return (line_start, line_end) if alone else tag.span()


def _take(tag: re.Match[str], text: str, stack: list[Section]) -> None:
    """Add what a tag means to the section that is open."""
    sigil = tag["sigil"]
    if sigil is None:
        stack[-1].children.append("{{")
    elif sigil == ">":
        raise refuse(
            "unknown_include", f"There is no prompt to include as “{tag['inside'].strip()}”.", text, tag.start()
        )
    elif sigil in ("#", "^"):
        if len(stack) > MAX_DEPTH:
            raise refuse("too_deep", f"Sections may be nested {MAX_DEPTH} deep.", text, tag.start())
        section = Section(_use(tag, text, stack), sigil == "^", tag.start())
        stack[-1].children.append(section)
        stack.append(section)
    elif sigil == "/":
        _close(tag, text, stack)
    elif sigil == "":
        stack[-1].children.append(_use(tag, text, stack))


def _use(tag: re.Match[str], text: str, stack: list[Section]) -> Use:
    name = tag["inside"].strip()
    if "{{" in name:
        raise refuse("unclosed_tag", r"This {{ is never closed. Write \{{ for a literal one.", text, tag.start())
    if not NAME.match(name):
        raise refuse("bad_name", f"“{name}” is not a name: use letters, digits and _ only.", text, tag.start())
    within = tuple(section.use.name for section in stack if section.use and not section.inverted)
    return Use(name, *place(text, tag.start()), within=within, section=bool(tag["sigil"]))


def _close(tag: re.Match[str], text: str, stack: list[Section]) -> None:
    name = tag["inside"].strip()
    opened = stack[-1].use
    if opened is None:
        raise refuse(f"unopened_section:{name}", f"The section “{name}” was never opened.", text, tag.start())
    if opened.name != name:
        raise _unclosed_section(opened.name, text, stack[-1].offset)
    stack.pop()


def _unclosed_section(name: str, text: str, offset: int) -> PromptError:
    detail = f"The section “{name}” is never closed: {{{{/{name}}}}} is missing."
    return refuse(f"unclosed_section:{name}", detail, text, offset)


def _uses(section: Section) -> Iterator[Use]:
    for child in section.children:
        if isinstance(child, Use):
            yield child
        elif isinstance(child, Section) and child.use:
            yield child.use
            yield from _uses(child)


def _render(children: Sequence[str | Use | Section], scopes: list[Any], absent: list[str]) -> Iterator[str]:
    for child in children:
        if isinstance(child, str):
            yield child
        elif isinstance(child, Use):
            value = _look_up(child.name, scopes, absent)
            yield "" if value is None else written(value)
        elif child.use:
            value = _look_up(child.use.name, scopes, absent)
            for scope in _scopes_of(value, child.inverted):
                yield from _render(child.children, [*scopes, scope], absent)


def _scopes_of(value: Any, inverted: bool) -> Sequence[Any]:
    """One scope for each time that a section is shown."""
    if inverted:
        return [] if value else [{}]
    if isinstance(value, list | tuple):
        return value
    return [value] if value else []


def _look_up(name: str, scopes: Sequence[Any], absent: list[str]) -> Any:
    if name == ".":
        return scopes[-1]
    head, *keys = name.split(".")
    holders = (scope for scope in reversed(scopes) if isinstance(scope, Mapping) and head in scope)
    value: Any = next(holders, _ABSENT)
    for key in (head, *keys):
        value = value[key] if isinstance(value, Mapping) and key in value else _ABSENT
    if value is _ABSENT:
        absent.append(name)
        return None
    return value


def _head(name: str) -> str:
    return name.partition(".")[0]
