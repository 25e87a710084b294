"""A reply as a sequence of labelled sections."""

import re
from dataclasses import dataclass

from agents.runtime.parsing.labels import REACT, Fences, LabelLine, Labels, Name
from agents.runtime.parsing.tool_names import plain

REPEATED_THOUGHT = re.compile(r"\A(?:\s*thought\s*[:：])+\s*", re.IGNORECASE)
TOLD = ("observation", "intermediate_answer")
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
    sections: list[Section] = []
    label: Name | None = None
    lines: list[str] = []
    start = begin = position = 0
    all_lines = text.split("\n")
    for line, found in zip(all_lines, _found_in(all_lines, labels), strict=True):
        if found:
            sections.append(Section(label, "\n".join(lines), start, begin))
            label, lines, start, begin = found.name, [found.rest], position, position + found.start
        else:
            lines.append(line)
        position += len(line) + 1
    sections.append(Section(label, "\n".join(lines), start, begin))
    return [section for section in sections if section.label or section.text.strip()]


def _found_in(lines: list[str], labels: Labels) -> list[LabelLine | None]:
    """The label of each line. A fence that never closes ends where the model makes up what it was to be told."""
    fences, invented = Fences(), len(lines)
    found: list[LabelLine | None] = []
    for index, line in enumerate(lines):
        label = label_of(line, labels)
        if fences.inside and label and label.name in TOLD:
            invented = min(invented, index)
        found.append(None if fences.inside else label)
        fences.pass_line(label.rest if label and not fences.inside else line)
        if not fences.inside:
            invented = len(lines)
    return found[:invented] + [label_of(line, labels) for line in lines[invented:]]


def label_of(line: str, labels: Labels) -> LabelLine | None:
    """The label of a line, with what the model wrote twice read as one."""
    label = labels.of(line)
    again = labels.of(label.rest) if label else None
    if label is None or again is None or plain(line[: label.start]) != plain(label.rest[: again.start]):
        return label
    return LabelLine(label.name, again.rest, label.start + again.start)


def thought_of(sections: list[Section]) -> str:
    """The thoughts among these sections, with a label that the model wrote twice taken off."""
    texts = [section.text for section in sections if section.label in SAID]
    return "\n".join(stripped for text in texts if (stripped := REPEATED_THOUGHT.sub("", text).strip()))
