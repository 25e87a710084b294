"""What became of a reply that was to have a declared form. The ambiguity of free text is never passed on in silence:
each reply is parsed, repaired, or a refusal, a truncation or a failure that is said, asked again, or reported.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from agents.runtime.answers.constrained import ANSWER, from_constrained, response_format_of
from agents.runtime.answers.extraction import NO_ANSWER, Extraction, at_path, extract, read_as
from agents.runtime.answers.instruction import answer_only
from agents.runtime.answers.json_text import JsonFound, json_found, strict
from agents.runtime.answers.marks import after_mark
from agents.runtime.answers.numbers import first_number, numbers
from agents.runtime.answers.refusals import sounds_refused
from agents.runtime.answers.schema import violation
from agents.runtime.answers.spec import OutputSpec
from agents.runtime.answers.values import normalised

Outcome = Literal["parsed", "repaired", "reasked", "refused", "truncated", "failed"]
ANSWERED: Final[frozenset[str]] = frozenset({"parsed", "repaired", "reasked"})
CUT: Final = frozenset({"length", "truncated"})  # finish reasons of replies that aren't whole
LONGEST_BARE: Final = 100  # characters
DIGIT: Final = "5"
NUMBER_GOES_ON: Final = frozenset(".,/")
MOST_WORDS: Final = 4  # of a line that is nothing but a number with its unit


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply and its outcome. `extraction` has a value only where the outcome is an answer.

    `flags` say what was tolerated: fence, prose, json_repaired, case (a choice or label spelt otherwise), unmarked (the
    answer stood where nothing announces it), cut (the reply goes on after the answer, and isn't whole). `problem` says
    in a few words what is wrong, for the model and for people; empty where nothing is.
    """

    outcome: Outcome
    extraction: Extraction
    text: str
    flags: tuple[str, ...] = ()
    problem: str = ""

    @property
    def answered(self) -> bool:
        return self.outcome in ANSWERED


def read_reply(
    text: str, spec: OutputSpec, *, finish_reason: str = "stop", refused: bool = False, program: str | None = None
) -> Reading:
    """Read a reply by its declared form. `refused` is the API's own word; phrases count only where nothing is found.

    `program` is what a program in the reply came to, as in `extract`.
    """
    if refused or finish_reason == "content_filter":
        return Reading("refused", NO_ANSWER, text, problem="the model declined to answer")
    found = extract(text, spec, program)
    reply = read_as(text, spec)
    json = json_found(reply) if "json" in (spec.kind, spec.extract.mode) else JsonFound()
    cut = finish_reason in CUT
    if found.value is None:
        return _unanswered(text, spec, cut=cut or json.cut, filtered=finish_reason == "content_filter")
    if problem := _violation(found.value, json, spec):
        outcome: Outcome = "truncated" if cut else "failed"
        return Reading(outcome, replace(found, value=None), text, _sorted(json.flags), problem)
    if cut and (_may_be_shorter(reply, spec) or (program is None and _may_go_on(text, found.value, spec))):
        return Reading("truncated", replace(found, value=None), text, ("cut",), "the reply was cut off in its answer")
    flags = json.flags | (_tolerated(reply, found.value, spec) if program is None else frozenset())
    return Reading("repaired" if flags else "parsed", found, text, _sorted(flags | ({"cut"} if cut else set())))


def read_again(
    text: str, spec: OutputSpec, *, constrained: bool, finish_reason: str = "stop", refused: bool = False
) -> Reading:
    """Read the reply to a correction: `reasked` where it has the answer now, else what became of it this time."""
    if constrained and not refused and response_format_of(spec) is not None:
        found = from_constrained(text, spec)
        if found.value is not None:
            return Reading("reasked", found, text)
        if json_found(read_as(text, spec)).cut:
            return _unanswered(text, spec, cut=True, filtered=finish_reason == "content_filter")
    reading = read_reply(text, spec, finish_reason=finish_reason, refused=refused)
    return replace(reading, outcome="reasked") if reading.answered else reading


def correction(reading: Reading, spec: OutputSpec, *, constrained: bool = False) -> str:
    """What to tell the model so that it answers in the form that was asked. `constrained` replies have a form of their
    own, that of `response_format_of`.
    """
    wanted = f'Reply with a JSON object of the form {{"{ANSWER}": …}} only.' if constrained else answer_only(spec)
    if constrained and spec.kind == "json":
        wanted = answer_only(spec)
    match reading.outcome:
        case "truncated":
            return f"Your reply was cut off before it came to its answer; be brief. {wanted}"
        case "refused":
            return f"Your reply gave no answer. If you can answer, {wanted[0].lower()}{wanted[1:]}"
    return f"Your reply can't be used: {reading.problem or 'its answer was not found'}. {wanted}"


def _unanswered(text: str, spec: OutputSpec, *, cut: bool, filtered: bool) -> Reading:
    if cut and not filtered:
        return Reading("truncated", NO_ANSWER, text, problem="the reply was cut off before its answer")
    if filtered or sounds_refused(text):
        return Reading("refused", NO_ANSWER, text, problem="the model declined to answer")
    return Reading("failed", NO_ANSWER, text, problem=_missing(text, spec))


def _missing(text: str, spec: OutputSpec) -> str:
    if not text.strip():
        return "it is empty"
    match spec.extract.mode:
        case "json":
            return f"no JSON object with a usable field “{spec.extract.argument}” was found in it"
        case "regex":
            return "nothing in it has the form that was asked for"
        case "program":
            return "no program in it came to a value"
    if spec.kind == "json":
        return "no valid JSON was found in it"
    names = {"number": "number", "boolean": "yes or no", "choice": "choice", "label": "label of the list"}
    return f"no {names.get(spec.kind, 'answer')} was found in it"


def _violation(value: str, json: JsonFound, spec: OutputSpec) -> str:
    """What is not as the schema says: in the object whose field was read, or in the answer itself."""
    if spec.schema is None or "json" not in (spec.kind, spec.extract.mode):
        return ""
    if spec.extract.mode != "json":
        return violation(strict(value), spec.schema)
    source = next((content for content in json.values if at_path(content, spec.extract.argument)), None)
    return violation(source, spec.schema)


def _may_be_shorter(reply: str, spec: OutputSpec) -> bool:
    """Whether the cut may have gone through the answer itself: a text whose line it ends."""
    if spec.kind != "text" or spec.extract.mode in ("json", "regex", "first"):
        return False
    marked = after_mark(reply, spec.extract.argument)
    return "\n" not in (marked.text if marked else reply).strip()


def _may_go_on(text: str, value: str, spec: OutputSpec) -> bool:
    """Whether the cut may have gone through the value: “12” may be the beginning of 125, “spam” of “spam or not”.

    A choice or label that begins no other one is whole: whatever follows, nothing else that is listed is meant.
    """
    if spec.kind == "number":
        digits_may_follow = text[-1:].isalnum() or text[-1:] in NUMBER_GOES_ON
        return digits_may_follow and extract(f"{text}{DIGIT}", spec).value != value
    longer = (name for name in (*spec.choices, *spec.labels) if name != value)
    begins_another = any(name.casefold().startswith(value.casefold()) for name in longer)
    return begins_another and text.rstrip(" ").casefold().endswith(value.casefold())


def _tolerated(reply: str, value: str, spec: OutputSpec) -> frozenset[str]:
    flags = set()
    if spec.kind == "json" and spec.extract.mode in ("auto", "after") and not json_found(reply).values:
        flags.add("prose")  # a bare value behind a mark
    if spec.kind in ("choice", "label") and not re.search(rf"(?<!\w){re.escape(value)}(?!\w)", reply):
        flags.add("case")
    announced = spec.kind in ("text", "json") or spec.extract.mode not in ("auto", "after")
    if not announced and not _stands_at_mark(reply, spec) and not _is_bare(reply, value, spec):
        flags.add("unmarked")
    return frozenset(flags)


def _stands_at_mark(reply: str, spec: OutputSpec) -> bool:
    """Whether a mark announces the value; a number is looked for elsewhere where the mark's line has none."""
    marked = after_mark(reply, spec.extract.argument)
    return marked is not None and (spec.kind != "number" or first_number(marked.first_line) is not None)


def _is_bare(reply: str, value: str, spec: OutputSpec) -> bool:
    """Whether the reply is the answer and nothing else."""
    if spec.kind == "number":
        return len(reply) <= LONGEST_BARE and len(reply.split()) <= MOST_WORDS and len(list(numbers(reply))) == 1
    return normalised(reply) in (normalised(value), {"yes": "true", "no": "false"}.get(value))


def _sorted(flags: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(flags))
