"""The default format: `{{ name }}`, sections, inverted sections, comments and inclusions; single braces stay.

Values are inserted as they are, without HTML escaping: a prompt is not a page. Lambdas, changes of delimiter and
attribute access don't exist, so a template can't reach anything that it wasn't given. Every step of parsing goes
forward in the text, so twice the text takes twice the time, whatever it says.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from agents.runtime.errors import PromptError
from agents.runtime.templates.base import Places, Use, refuse, shortened
from agents.runtime.templates.inclusion import Library
from agents.runtime.templates.mustache_tree import Inclusion, MustacheTemplate, Section, inclusions_in, template_of

NAME = re.compile(r"(?:\.|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\Z")
REFERENCE = re.compile(r"[A-Za-z0-9_-]+(?:@[A-Za-z0-9_-]+)?\Z")
BLANK = re.compile(r"[^\S\n]*")
MAX_DEPTH = 20
NONE: Mapping[str, str] = MappingProxyType({})
# A tag alone on its line takes the line with it, but for those that put text there.
TAKES_ITS_LINE = ("#", "^", "/", "!")


def parse(text: str, includes: Mapping[str, str] | None = NONE) -> MustacheTemplate:
    """`includes` has the texts that may be included, by reference; None reads the syntax alone."""
    return template_of(_parse(text, Library(includes, _parse)))


def inclusions(text: str) -> list[Inclusion]:
    """Where a text includes others, in order."""
    return list(inclusions_in(_parse(text, Library(None, _parse))))


def _parse(text: str, library: Library) -> Section:
    return _Parser(text, library).root()


class _Parser:
    """Reads a text from tag to tag; `stack` are the sections that are open."""

    def __init__(self, text: str, library: Library) -> None:
        self.text = text
        self.library = library
        self.places = Places(text)
        self.stack = [Section()]

    def root(self) -> Section:
        position = 0
        while (start := self.text.find("{{", position)) >= 0:
            if start > position and self.text[start - 1] == "\\":
                self._add(self.text[position : start - 1] + "{{")
                position = start + 2
            else:
                position = self._tag(position, start)
        self._add(self.text[position:])
        if unclosed := self.stack[-1].use:
            raise self._unclosed_section(unclosed.name)
        return self.stack[0]

    def _add(self, child: "str | Use | Inclusion | Section") -> None:
        if child != "":
            self.stack[-1].children.append(child)

    def _tag(self, position: int, start: int) -> int:
        """Read the tag at `start`, with the text before it from `position`; where the text goes on."""
        end = self.text.find("}}", start + 2) + 2
        if end < 2:
            raise self._unclosed_tag(start)
        sigil = self.text[start + 2] if self.text[start + 2] in "#^/!>" else ""
        inside = self.text[start + 2 + len(sigil) : end - 2].strip()
        before, after = self._whole_line(position, start, end) if sigil in TAKES_ITS_LINE else (start, end)
        self._add(self.text[position:before])
        self._take(sigil, inside, start, end)
        return after

    def _whole_line(self, position: int, start: int, end: int) -> tuple[int, int]:
        """The extent of a tag: one that is alone on its line takes the line with it."""
        before = start
        while before > position and self.text[before - 1].isspace() and self.text[before - 1] != "\n":
            before -= 1
        blank = BLANK.match(self.text, end)
        after = blank.end() if blank else end
        begins = before == 0 or self.text[before - 1] == "\n"
        ends = after == len(self.text) or self.text[after] == "\n"
        return (before, min(after + 1, len(self.text))) if begins and ends else (start, end)

    def _take(self, sigil: str, inside: str, start: int, end: int) -> None:
        """Add what a tag means to the section that is open."""
        if sigil in ("#", "^"):
            if len(self.stack) > MAX_DEPTH:
                raise refuse("too_deep", f"Sections may be nested {MAX_DEPTH} deep.", self.text, start)
            section = Section(self._use(inside, start, section=True), sigil == "^", start)
            self._add(section)
            self.stack.append(section)
        elif sigil == "/":
            self._close(inside, start)
        elif sigil == ">":
            self._add(self._inclusion(inside, start, end))
        elif sigil == "":
            self._add(self._use(inside, start))

    def _within(self) -> tuple[str, ...]:
        return tuple(section.use.name for section in self.stack if section.use and not section.inverted)

    def _use(self, name: str, start: int, *, section: bool = False) -> Use:
        if "{{" in name:
            raise self._unclosed_tag(start)
        within = self._within()
        if not NAME.match(name):
            detail = f"“{shortened(name)}” is not a name: use letters, digits and _ only."
            raise refuse("bad_name", detail, self.text, start)
        if name == "." and not within:
            raise refuse("bad_name", "“.” is the item of a section, and there is none around it.", self.text, start)
        return Use(name, *self.places.at(start), within=within, section=section)

    def _inclusion(self, reference: str, start: int, end: int) -> Inclusion:
        if not REFERENCE.match(reference):
            detail = f"“{shortened(reference)}” is no prompt: write its short name and a label or number, as in a@3."
            raise refuse("bad_name", detail, self.text, start)
        try:
            body = self.library.section(reference)
        except PromptError as error:
            raise refuse(error.code, error.detail, self.text, start) from None
        return Inclusion(reference, start, end, *self.places.at(start), within=self._within(), body=body)

    def _close(self, name: str, start: int) -> None:
        opened = self.stack[-1].use
        if opened is None:
            name = shortened(name)
            raise refuse(f"unopened_section:{name}", f"The section “{name}” was never opened.", self.text, start)
        if opened.name != name:
            raise self._unclosed_section(opened.name)
        self.stack.pop()

    def _unclosed_tag(self, start: int) -> PromptError:
        return refuse("unclosed_tag", r"This {{ is never closed. Write \{{ for a literal one.", self.text, start)

    def _unclosed_section(self, name: str) -> PromptError:
        detail = f"The section “{name}” is never closed: {{{{/{name}}}}} is missing."
        return refuse(f"unclosed_section:{name}", detail, self.text, self.stack[-1].offset)
