"""A reply as a sequence of labelled sections."""

import re
from dataclasses import dataclass

from agents.runtime.parsing.labels import REACT, Fences, Labels, Name

REPEATED_THOUGHT = re.compile(r"\A(?:\s*thought\s*[:：])+\s*", re.IGNORECASE)
SAID = (None, "thought", "follow_up_needed")


@dataclass(frozen=True, slots=True)
class Section:
    """A label (None before the first), the text behind it, where the label's line starts and where the text begins."""

    label: Name | None
    text: str
    start: int
    begin: int


def split(text: str, labels: Labels = REACT) -> list[Section]:
    """The sections in order. Their texts keep line ends and indentation."""
    fences = Fences()
    sections: list[Section] = []
    label: Name | None = None
    lines: list[str] = []
    start = begin = position = 0
    for line in text.split("\n"):
        found = None if fences.inside else labels.of(line)
        if found:
            sections.append(Section(label, "\n".join(lines), start, begin))
            label, lines, start, begin = found.name, [found.rest], position, position + found.start
        else:
            lines.append(line)
        fences.pass_line(found.rest if found else line)
        position += len(line) + 1
    sections.append(Section(label, "\n".join(lines), start, begin))
    return [section for section in sections if section.label or section.text.strip()]


def thought_of(sections: list[Section]) -> str:
    """The thoughts among these sections, with a label that the model wrote twice taken off."""
    texts = [section.text for section in sections if section.label in SAID]
    return "\n".join(stripped for text in texts if (stripped := REPEATED_THOUGHT.sub("", text).strip()))
