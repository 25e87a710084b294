"""The answer of a reply: found after its mark or by the kind's own rule, then brought to its canonical form.

Nothing found is None, never a guess such as 0: an unparseable answer must stay visible as one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.answers.marks import Marked, after_mark, without_bold
from agents.runtime.answers.numbers import numbers
from agents.runtime.answers.spec import OutputSpec
from agents.runtime.answers.values import (
    QUOTES,
    READERS,
    canonical_json,
    json_in,
    unmarked_booleans,
    unmarked_choices,
)
from agents.runtime.parsing.cleaning import without_thinking

# Patterns of prompts are searched in no more than this: a slow one must not hold up the process.
MAX_SEARCHED = 20_000


@dataclass(frozen=True, slots=True)
class Extraction:
    """`value` is what is compared, None where there is no answer; `shown` keeps the model's own spelling."""

    value: str | None
    shown: str


def extract(text: str, spec: OutputSpec) -> Extraction:
    """The answer that a reply gives, by the prompt's extract rule."""
    reply = without_thinking(text).strip()
    if spec.kind != "json":
        reply = without_bold(reply)
    match spec.extract.mode:
        case "first" | "last" as end:
            return _at(reply, spec, 0 if end == "first" else -1)
        case "json":
            return _field(reply, spec)
        case "regex":
            return _pattern(reply, spec)
    label = spec.extract.argument
    return _marked(after_mark(reply, label), spec) or _unmarked(reply, spec)


def canonical(value: Any, spec: OutputSpec) -> str | None:
    """An expected value, or a value that was handed over as data, in the form that extracted ones have."""
    if value is None:
        return None
    if spec.kind == "json":
        found = json_in(value) if isinstance(value, str) else [value]
        return canonical_json(found[0]) if found else None
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    exact = {name.casefold(): name for name in (*spec.choices, *spec.labels)}.get(text.strip().casefold())
    return exact or next(iter(READERS[spec.kind](text, spec)), None)


def _marked(marked: Marked | None, spec: OutputSpec) -> Extraction | None:
    if marked is None:
        return None
    if spec.kind == "number":
        return _number_of(marked.first_line)
    found = READERS[spec.kind](marked.text, spec)
    if not found:
        return None
    return Extraction(found[0], _bare(marked.first_line) if spec.kind == "text" else found[0])


def _number_of(line: str) -> Extraction | None:
    """The first number of the line, or of what stands after its last equals sign."""
    found = numbers(line.rpartition("=")[2])
    return Extraction(found[0], found[0]) if found else None


def _unmarked(reply: str, spec: OutputSpec) -> Extraction:
    match spec.kind:
        case "number":
            return _at(reply, spec, -1)
        case "choice":
            return _pick(unmarked_choices(reply, spec), -1)
        case "boolean":
            return _pick(unmarked_booleans(reply, spec), -1)
        case "label":
            return _at(reply, spec, -1)
    return _at(reply, spec, 0)


def _at(reply: str, spec: OutputSpec, index: int) -> Extraction:
    found = READERS[spec.kind](reply, spec)
    if spec.kind != "text" or not found:
        return _pick(found, index)
    shown = [line for line in reply.splitlines() if READERS["text"](line, spec)]
    return Extraction(found[index], _bare(shown[index]))


def _pick(found: Any, index: int) -> Extraction:
    return Extraction(found[index], found[index]) if found else Extraction(None, "")


def _field(reply: str, spec: OutputSpec) -> Extraction:
    """The value of one field of the first JSON object that has it."""
    for value in json_in(reply):
        if isinstance(value, Mapping) and spec.extract.argument in value:
            content = value[spec.extract.argument]
            shown = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            return Extraction(canonical(content, spec), shown)
    return Extraction(None, "")


def _pattern(reply: str, spec: OutputSpec) -> Extraction:
    """The first group of the prompt's own pattern, or all that it matches."""
    match = re.search(spec.extract.argument, reply[:MAX_SEARCHED])
    if match is None:
        return Extraction(None, "")
    shown = (match[1] if match.re.groups else match[0]) or ""
    return Extraction(canonical(shown, spec), shown.strip())


def _bare(line: str) -> str:
    """A line without the space, quotes and full stop around it."""
    bare = line.strip().lstrip(":：").strip()
    bare = bare.removesuffix(".") if bare.count(".") == 1 else bare
    return bare.strip(f" {QUOTES}") or line.strip()
