"""Prompts within prompts (agents.md D.2): each text is parsed once, on its own, and never joined as text.

So what is included can neither close a section of the text around it nor open one there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agents.runtime.errors import PromptError
from agents.runtime.templates.mustache_tree import Section, inclusions_in

MAX_LEVELS: Final = 5
# Five levels of a few inclusions each are thousands of copies: so all of them are counted.
MAX_COPIES: Final = 100


@dataclass(frozen=True, slots=True)
class _Read:
    section: Section
    levels: int
    copies: int


class Library:
    """The texts that may be included, by reference. Without any (None) nothing is looked up."""

    def __init__(self, texts: Mapping[str, str] | None, parse: "Callable[[str, Library], Section]") -> None:
        self._texts = texts
        self._parse = parse
        self._path: list[str] = []
        self._read: dict[str, _Read] = {}
        self._copies = 0

    def section(self, reference: str) -> Section | None:
        """What a reference stands for; PromptError unknown_include, include_cycle or too_deep."""
        if self._texts is None:
            return None
        if reference in self._path:
            chain = " → ".join((*self._path[self._path.index(reference) :], reference))
            raise PromptError("include_cycle", f"A prompt can't include itself: {chain}.")
        known = self._known(reference, self._texts)
        if len(self._path) + known.levels > MAX_LEVELS:
            raise PromptError("too_deep", f"Prompts may include one another {MAX_LEVELS} deep.")
        if not self._path:
            self._copies += known.copies
        if max(self._copies, known.copies) > MAX_COPIES:
            raise PromptError("too_deep", f"A prompt may include {MAX_COPIES} others in all, counted each time.")
        return known.section

    def _known(self, reference: str, texts: Mapping[str, str]) -> _Read:
        if reference not in self._read:
            if len(self._path) >= MAX_LEVELS:
                raise PromptError("too_deep", f"Prompts may include one another {MAX_LEVELS} deep.")
            if reference not in texts:
                raise PromptError("unknown_include", f"There is no prompt to include as “{reference}”.")
            self._read[reference] = self._parsed(reference, texts[reference])
        return self._read[reference]

    def _parsed(self, reference: str, text: str) -> _Read:
        self._path.append(reference)
        try:
            section = self._parse(text, self)
        except PromptError as error:
            detail = error.detail if error.detail.startswith("In ") else f"In {reference}: {error.detail}"
            raise PromptError(error.code, detail) from None
        finally:
            self._path.pop()
        inner = [self._read[inclusion.reference] for inclusion in inclusions_in(section)]
        levels = 1 + max((one.levels for one in inner), default=0)
        return _Read(section, levels, 1 + sum(one.copies for one in inner))
