"""What a mustache template is made of once it is parsed, and how that is rendered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.templates.base import Output, Use, missing, written

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Inclusion:
    """`{{> slug@3 }}`, from `start` to `end` in the text. `body` is None where only the syntax was read."""

    reference: str
    start: int
    end: int
    line: int
    column: int
    within: tuple[str, ...] = ()
    body: "Section | None" = None


@dataclass(slots=True)
class Section:
    """What stands between `{{#name}}` and `{{/name}}`; the root has no `use`."""

    use: Use | None = None
    inverted: bool = False
    offset: int = 0
    children: "list[str | Use | Inclusion | Section]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MustacheTemplate:
    """`uses` are those of the included prompts too: their variables are this one's."""

    root: Section
    uses: tuple[Use, ...]
    variables: frozenset[str]

    def render(self, values: Mapping[str, Any]) -> str:
        output, absent = Output(), dict[str, None]()
        _render(self.root, [values], output, absent)
        if absent:
            raise missing(absent)
        return output.text()


def template_of(root: Section) -> MustacheTemplate:
    uses = tuple(_uses(root))
    outside = frozenset(_head(use.name) for use in uses if not use.within and use.name != ".")
    return MustacheTemplate(root, uses, outside)


def inclusions_in(section: Section) -> Iterator[Inclusion]:
    """Those of this text, not of what they include."""
    for child in section.children:
        if isinstance(child, Inclusion):
            yield child
        elif isinstance(child, Section):
            yield from inclusions_in(child)


def _uses(section: Section) -> Iterator[Use]:
    for child in section.children:
        if isinstance(child, Use):
            yield child
        elif isinstance(child, Inclusion):
            yield from _included_uses(child)
        elif isinstance(child, Section) and child.use:
            yield child.use
            yield from _uses(child)


def _included_uses(inclusion: Inclusion) -> Iterator[Use]:
    for use in _uses(inclusion.body) if inclusion.body else ():
        yield replace(
            use,
            line=inclusion.line,
            column=inclusion.column,
            within=(*inclusion.within, *use.within),
            source=use.source or inclusion.reference,
        )


def _render(section: Section, scopes: list[Any], output: Output, absent: dict[str, None]) -> None:
    for child in section.children:
        if isinstance(child, str):
            output.write(child)
        elif isinstance(child, Use):
            value = _look_up(child.name, scopes, absent)
            output.write("" if value is None else written(value))
        elif isinstance(child, Inclusion):
            _render(_body_of(child), scopes, output, absent)
        elif child.use:
            value = _look_up(child.use.name, scopes, absent)
            for inner in _scopes_of(value, child.inverted, scopes):
                output.turn()
                _render(child, inner, output, absent)


def _body_of(inclusion: Inclusion) -> Section:
    if inclusion.body is None:
        raise PromptError("unknown_include", f"The included prompt “{inclusion.reference}” has not been read.")
    return inclusion.body


def _scopes_of(value: Any, inverted: bool, scopes: list[Any]) -> Iterator[list[Any]]:
    """The scopes of each time that a section is shown."""
    if inverted:
        return iter([] if value else [scopes])
    if isinstance(value, list | tuple):
        return ([*scopes, item] for item in value)
    return iter([[*scopes, value]] if value else [])


def _look_up(name: str, scopes: Sequence[Any], absent: dict[str, None]) -> Any:
    if name == ".":
        return scopes[-1]
    head, *keys = name.split(".")
    holders = (scope for scope in reversed(scopes) if isinstance(scope, Mapping) and head in scope)
    value: Any = next(holders, _ABSENT)
    for key in (head, *keys):
        value = value[key] if isinstance(value, Mapping) and key in value else _ABSENT
    if value is _ABSENT:
        absent[name] = None
        return None
    return value


def _head(name: str) -> str:
    return name.partition(".")[0]
