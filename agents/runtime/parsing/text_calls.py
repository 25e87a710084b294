"""Function calls that a model wrote into its text, as models do behind servers that don't read them (agents.md B.10).

Forms: `<tool_call>{…}</tool_call>` (Hermes, Qwen), the same as `<tools>` (Qwen2.5-Coder), `[TOOL_CALLS][…]` (Mistral),
`<|python_tag|>{…}` (Llama 3.1), a JSON fence or bare JSON, `<function=name>{…}</function>` (Llama 3),
`functions.name({…})`. The whole text must be calls of functions that exist: what only speaks of a call is an answer.
Behind a mark alone a call stands for itself: what a model writes after it was invented before it had seen a result.
Definitions of functions that a small model repeats before its call, as its prompt has them, are passed over.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from agents.runtime.parsing.strict_json import repaired

Known = Callable[[str], str | None]
"""The tool that a name in a call means, or None."""

LONGEST = 64 * 1024
MOST_CALLS = 100
FENCE = re.compile(r"```(?:json|tool_call|tool_code|tool)?[ \t]*\n?\s*", re.IGNORECASE)
FENCE_IN_TEXT = re.compile(
    r"^```(?:json|tool_call|tool_code|tool)?[ \t]*+\n?\s*+(?=[\[{])", re.IGNORECASE | re.MULTILINE
)
MOST_FENCES = 5  # each may be read to the end of the text
FENCE_END = re.compile(r"\s*+(?:```)?\s*+\Z")
HERMES = re.compile(r"(?:<(?:tool_call|tools)>\s*)?(?:```(?:json)?\s*)?")
HERMES_END = re.compile(r"\s*+(?:```\s*+)?(?:</(?:tool_call|tools)>\s*|(?=<tool_call>|<tools>|\{)|\Z)")
MISTRAL = re.compile(r"\[TOOL_CALLS\]\s*")
LLAMA = re.compile(r"<\|python_tag\|>\s*")
NAMED = re.compile(r"<function=(?P<name>[^>\n]{1,200})>\s*")
NAMED_END = re.compile(r"\s*+(?:</function>|\Z)\s*+")
PYTHON = re.compile(r"functions\.(?P<name>[\w-]{1,200})\(\s*")
PYTHON_END = re.compile(r"\s*+\)\s*+;?\s*+")
MARKED = re.compile(
    r'^(?:<tool_call>|<tools>|\[TOOL_CALLS\]|<\|python_tag\|>|<function=|\{\{(?=\s*+"name"))', re.MULTILINE
)
MARKS_ALONE = re.compile(r"(?:</?(?:tool_call|tools)>\s*+)++\Z")
# What some servers leave of the model's own end marks.
END_MARK = re.compile(r"<\|(?:eom_id|eot_id|im_end)\|>\Z")


@dataclass(frozen=True, slots=True)
class TextCall:
    """A call as the text has it: the function's name, and its arguments as JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class MarkedCalls:
    """`before` are the words in front of the mark; `goes_on` tells that something else follows the calls."""

    before: str
    calls: tuple[TextCall, ...]
    goes_on: bool


def text_calls(text: str, known: Known) -> tuple[TextCall, ...]:
    """The calls that a text consists of; none where it is anything else."""
    calls, is_all = _leading(text)
    return calls if is_all and all(known(call.name) is not None for call in calls) else ()


def marked_calls(text: str, known: Known) -> MarkedCalls | None:
    """The calls behind the first mark of a text, if it has one.

    A text that is nothing but calls may also call a function that nobody has.
    """
    at = marked_from(text)
    if at is None:
        return None
    calls, is_all = _leading(text[at:])
    if text[:at].strip() or not is_all:
        calls = tuple(takewhile(lambda call: known(call.name) is not None, calls))
    return MarkedCalls(text[:at], calls, goes_on=bool(calls) and not is_all)


def fenced_in(text: str, known: Known) -> tuple[int, str] | None:
    """Where a fence in the midst of a text holds calls, and the tool of the first: meant to be called, or only shown.

    Nobody but the model knows which.
    """
    for opening in islice(FENCE_IN_TEXT.finditer(text), MOST_FENCES):
        calls, _ = _leading(text[opening.start() :])
        if calls and (tool := known(calls[0].name)):
            return opening.start(), tool
    return None


def is_marks_alone(text: str) -> bool:
    """Whether there are marks of calls and nothing else: what was meant to be called is not said."""
    return MARKS_ALONE.match(text.strip()) is not None


def _leading(text: str) -> tuple[tuple[TextCall, ...], bool]:
    """The calls with which a text begins, and whether they are all of it."""
    text = END_MARK.sub("", text.strip()).rstrip()
    if not text or len(text) > LONGEST:
        return (), False
    calls: list[TextCall] = []
    try:
        for call in _read(text):
            calls.append(call)
            if len(calls) > MOST_CALLS:
                return (), False
    except ValueError:
        return tuple(calls), False
    return tuple(calls), True


def marked_from(text: str) -> int | None:
    """Where a line begins with a mark of calls, outside of a fence: what follows was meant to be called."""
    found = MARKED.search(text)
    return None if found is None or text.count("```", 0, found.start()) % 2 else found.start()


def _read(text: str) -> Iterator[TextCall]:
    """The calls in the form in which the text begins. Raises ValueError where it goes on as something else."""
    if text.startswith(("<tool_call>", "<tools>")):
        return _marked(text, HERMES, HERMES_END)
    if text.startswith("<function="):
        return _named(text, NAMED, NAMED_END)
    if text.startswith("functions."):
        return _named(text, PYTHON, PYTHON_END)
    for opening in (MISTRAL, LLAMA, FENCE):
        if match := opening.match(text):
            return _values(text[match.end() :])
    return _values(text)


def _marked(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[TextCall]:
    """Blocks of JSON between marks, nothing else around them."""
    while text:
        value, rest = _value(_after(opening, text))
        yield from _calls_of(value)
        text = _after(closing, rest)


def _named(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[TextCall]:
    """Blocks that carry the function's name in their mark, and only the arguments within."""
    while text:
        match = opening.match(text)
        if match is None:
            raise ValueError("there is something else between the calls")
        inside = text[match.end() :]
        value, rest = repaired(inside, set()) if inside.startswith("{") else ({}, inside)
        yield TextCall(match["name"].strip(), json.dumps(value, ensure_ascii=False))
        text = _after(closing, rest)


def _values(text: str) -> Iterator[TextCall]:
    """JSON values one after another, in a fence or not."""
    while not FENCE_END.match(text):
        value, rest = _value(text)
        yield from _calls_of(value)
        text = rest.lstrip(" \t\n;,")


def _value(text: str) -> tuple[Any, str]:
    """The JSON at the start, also in the doubled braces that the template of Qwen2.5-Coder shows its model."""
    if not text.startswith("{{"):
        return repaired(text, set())
    value, rest = repaired(text[1:], set())
    return value, rest.removeprefix("}")


def _after(mark: re.Pattern[str], text: str) -> str:
    match = mark.match(text)
    if match is None:
        raise ValueError("there is something else around the calls")
    return text[match.end() :]


def _calls_of(value: Any) -> Iterator[TextCall]:
    for item in value if isinstance(value, list) else [value]:
        if not _is_definition(item):
            yield _call_of(item)


def _is_definition(value: Any) -> bool:
    """A function as the request describes it: with the schema of its parameters, and without arguments."""
    function = value.get("function") if isinstance(value, Mapping) else None
    if not isinstance(function, Mapping) or "arguments" in function:
        return False
    parameters = function.get("parameters")
    return isinstance(parameters, Mapping) and isinstance(parameters.get("properties"), Mapping)


def _call_of(value: Any) -> TextCall:
    """`{"name", "arguments"}`, also with `parameters`, or within `function` as the API has it."""
    if isinstance(value, Mapping) and isinstance(value.get("function"), Mapping):
        value = value["function"]
    if not isinstance(value, Mapping):
        raise ValueError("this is no call")
    name = value.get("name", value.get("function"))
    given = next((value[key] for key in ("arguments", "parameters") if key in value), None)
    if not isinstance(name, str) or not isinstance(given, Mapping | str):
        raise ValueError("this is no call")
    return TextCall(name, given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
