"""The answer of a reply: found after its mark or by the kind's own rule, then brought to its canonical form.

Nothing found is None, never a guess such as 0: an unparseable answer must stay visible as one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from agents.runtime.answers.json_text import canonical_json, json_found
from agents.runtime.answers.latex import without_latex
from agents.runtime.answers.marks import Marked, after_mark, without_bold
from agents.runtime.answers.numbers import first_number, last_number, numbers
from agents.runtime.answers.patterns import compile_pattern
from agents.runtime.answers.schema import violation
from agents.runtime.answers.spec import OutputSpec
from agents.runtime.answers.values import QUOTES, READERS, unmarked_booleans, unmarked_choices, unmarked_labels
from agents.runtime.parsing.thinking import without_thinking


@dataclass(frozen=True, slots=True)
class Extraction:
    """`value` is what is compared, None where there is no answer; `shown` keeps the model's own spelling."""

    value: str | None
    shown: str


# What is announced as the answer is none of these, or nothing: what stands before it is no answer either.
ANNOUNCED: Final = frozenset({"text", "choice", "boolean", "label"})
MOST_VALUES: Final = 20  # of a reply's JSON values that are checked against the schema
NO_ANSWER: Final = Extraction(None, "")


def extract(text: str, spec: OutputSpec, program: str | None = None) -> Extraction:
    """The answer that a reply gives, by the prompt's extract rule.

    `program` is what a program that the reply wrote came to. Where there is one it is the answer by the rules program
    and auto; by the rule program the text alone has none.
    """
    if spec.extract.mode == "program" or (program is not None and spec.extract.mode == "auto"):
        return _computed(program, spec)
    reply = read_as(text, spec)
    match spec.extract.mode:
        case "first" | "last" as end:
            return _at(reply, spec, 0 if end == "first" else -1)
        case "json":
            return _field(reply, spec)
        case "regex":
            return _pattern(reply, spec)
    if spec.kind == "json":
        return _json(reply, spec)
    marked = after_mark(reply, spec.extract.argument)
    if marked is not None and spec.kind in ANNOUNCED:
        return _marked(marked, spec) or NO_ANSWER
    return _marked(marked, spec) or _unmarked(reply, spec)


def read_as(text: str, spec: OutputSpec) -> str:
    """The reply as the extract rule sees it: without thinking, bold marks and LaTeX, where they mean nothing."""
    reply = without_thinking(text).strip()
    if spec.kind == "json" or spec.extract.mode == "json":
        return reply
    return without_bold(reply) if spec.extract.mode == "regex" else without_bold(without_latex(reply))


def canonical(value: Any, spec: OutputSpec) -> str | None:
    """An expected value, or a value that was handed over as data, in the form that extracted ones have."""
    if value is None:
        return None
    if spec.kind == "json":
        found = json_found(value).values if isinstance(value, str) else [value]
        return canonical_json(found[0]) if found else None
    if isinstance(value, Mapping | list) and spec.kind != "text":
        return None
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if spec.kind == "number":
        return first_number(text)
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
    found = first_number(line.rpartition("=")[2])
    return None if found is None else Extraction(found, found)


def _unmarked(reply: str, spec: OutputSpec) -> Extraction:
    match spec.kind:
        case "choice":
            return _pick(unmarked_choices(reply, spec), -1)
        case "boolean":
            return _pick(unmarked_booleans(reply, spec), -1)
        case "label":
            return _pick(unmarked_labels(reply, spec), -1)
    return _at(reply, spec, 0 if spec.kind == "text" else -1)


def _json(reply: str, spec: OutputSpec) -> Extraction:
    """Among several values the last that conforms to the schema; without one the value after a mark, or the first."""
    values = json_found(reply).values
    marked = after_mark(reply, spec.extract.argument) if len(values) != 1 else None
    values = (json_found(marked.text).values if marked else ()) or values
    if spec.schema is not None:
        values = tuple(value for value in values[-MOST_VALUES:] if not violation(value, spec.schema))[-1:] or values
    return _pick([canonical_json(value) for value in values[:1]], 0)


def _at(reply: str, spec: OutputSpec, index: int) -> Extraction:
    if spec.kind == "number":
        number = last_number(reply) if index else first_number(reply)
        return NO_ANSWER if number is None else Extraction(number, number)
    found = READERS[spec.kind](reply, spec)
    if spec.kind != "text" or not found:
        return _pick(found, index)
    shown = [line for line in reply.splitlines() if READERS["text"](line, spec)]
    return Extraction(found[index], _bare(shown[index]))


def _pick(found: Any, index: int) -> Extraction:
    return Extraction(found[index], found[index]) if found else NO_ANSWER


def _field(reply: str, spec: OutputSpec) -> Extraction:
    """The value of one field of the first JSON value that has it."""
    for value in json_found(reply).values:
        for content in at_path(value, spec.extract.argument):
            shown = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            return Extraction(canonical(content, spec), shown)
    return NO_ANSWER


def at_path(value: Any, path: str) -> list[Any]:
    """What stands at a field's name, or at a path such as `items.0.price`; one value or none."""
    if isinstance(value, Mapping) and path in value:
        return [value[path]]
    for name in path.split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
            value = value[int(name)]
        else:
            return []
    return [value]


def _pattern(reply: str, spec: OutputSpec) -> Extraction:
    """The first group of the prompt's own pattern, or all that it matches."""
    pattern = compile_pattern(spec.extract.argument)
    found = pattern.search(reply)
    if found is None:
        return NO_ANSWER
    shown = (found.group if pattern.groups else found.whole) or ""
    return Extraction(canonical(shown, spec), shown.strip())


def _computed(program: str | None, spec: OutputSpec) -> Extraction:
    """A program that should give a number and gives a list or a date has given none."""
    several = spec.kind == "number" and program is not None and len(list(islice(numbers(program), 2))) > 1
    value = None if program is None or several else canonical(program, spec)
    return NO_ANSWER if program is None or value is None else Extraction(value, program.strip())


def _bare(line: str) -> str:
    """A line without the space, quotes and full stop around it."""
    bare = line.strip().lstrip(":：").strip()
    bare = bare.removesuffix(".") if bare.count(".") == 1 else bare
    return bare.strip(f" {QUOTES}") or line.strip()
