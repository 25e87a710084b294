"""The format of LangChain's prompts, only stricter: `{name}`, with `{{` and `}}` for literal braces."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.templates.base import Output, Places, Use, missing, refuse, shortened, written

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
BRACE = re.compile(r"\{\{|\}\}|\{|\}")


@dataclass(frozen=True, slots=True)
class FStringTemplate:
    """Literal text and names in turn. Braces inside values are never looked at again."""

    parts: tuple[str | Use, ...]

    @property
    def uses(self) -> tuple[Use, ...]:
        return tuple(part for part in self.parts if isinstance(part, Use))

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(use.name for use in self.uses)

    def render(self, values: Mapping[str, Any]) -> str:
        if absent := [use.name for use in self.uses if use.name not in values]:
            raise missing(absent)
        output = Output()
        for part in self.parts:
            output.write(part if isinstance(part, str) else written(values[part.name]))
        return output.text()


def parse(text: str) -> FStringTemplate:
    return FStringTemplate(tuple(_parts(text)))


def _parts(text: str) -> Iterator[str | Use]:
    places = Places(text)
    position = 0
    while brace := BRACE.search(text, position):
        yield text[position : brace.start()]
        position = brace.end()
        if brace[0] == "}":
            raise refuse(
                "lone_brace", "A single } has no opening brace. Write }} for a literal one.", text, brace.start()
            )
        if brace[0] == "{":
            name, position = _name(text, brace.start())
            yield Use(name, *places.at(brace.start()))
        else:
            yield brace[0][0]
    yield text[position:]


def _name(text: str, start: int) -> tuple[str, int]:
    """The name in the braces that open at `start`, and where the text goes on."""
    end = text.find("}", start)
    nested = text.find("{", start + 1, max(end, start + 1))
    if end < 0 or nested >= 0:
        raise refuse("unclosed_brace", "This { is never closed. Write {{ for a literal one.", text, start)
    name = text[start + 1 : end].strip(" ")
    if not name:
        raise refuse("empty_name", "There is no name between these braces.", text, start)
    if not NAME.match(name):
        raise refuse("bad_name", f"“{shortened(name)}” is not a name: use letters, digits and _ only.", text, start)
    return name, end + 1
