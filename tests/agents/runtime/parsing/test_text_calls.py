"""Calls that models write into their text, whole and while they are being written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.function_names import FunctionNames
from agents.runtime.parsing.text_call_stream import TextCallStream, may_be_call
from agents.runtime.parsing.text_calls import fenced_in, is_marks_alone, marked_calls, text_calls

KNOWN = FunctionNames(["Search", "Open Meteo API", "Clock"]).tool_of
ONE = [("search", {"input": "Oslo"})]
JSON = '{"name": "search", "arguments": {"input": "Oslo"}}'
GOOGLE = JSON.replace("search", "google")
CLOCK = '{"name": "clock", "arguments": {}}'
DEFINED = (
    '<tools>\n{"type": "function", "function": {"name": "search", "description": "Finds things.", "parameters": '
    '{"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}}}\n</tools>'
)

CALLS = {
    "bare JSON": (JSON, ONE),
    "JSON over lines": (json.dumps(json.loads(JSON), indent=2), ONE),
    "a JSON fence": (f"```json\n{JSON}\n```", ONE),
    "a fence without a language": (f"```\n{JSON}\n```", ONE),
    "a fence that was never closed": (f"```json\n{JSON}", ONE),
    "Hermes": (f"<tool_call>\n{JSON}\n</tool_call>", ONE),
    "Hermes, not closed": (f"<tool_call>\n{JSON}", ONE),
    "Hermes, closing mark left in": (f"<tool_call>{JSON}</tool_call><|im_end|>", ONE),
    "Hermes, twice": (
        '<tool_call>{"name": "search", "arguments": {"input": "Oslo"}}</tool_call>\n'
        '<tool_call>{"name": "clock", "arguments": {}}</tool_call>',
        [*ONE, ("clock", {})],
    ),
    "Qwen2.5-Coder": (f"<tools>\n{JSON}\n</tools>", ONE),
    "Qwen2.5-Coder, two": (f"<tools>\n{JSON}\n{CLOCK}\n</tools>", [*ONE, ("clock", {})]),
    "Qwen2.5-Coder, the definition said again": (f"{DEFINED}\n\n```json\n{JSON}\n```", ONE),
    "Qwen2.5-Coder, braces as in its template": (f"{DEFINED}\n\n{{{JSON}}}", ONE),
    "Mistral": (f"[TOOL_CALLS][{JSON}]", ONE),
    "Mistral, two": (f"[TOOL_CALLS] [{JSON}, {CLOCK}]", [*ONE, ("clock", {})]),
    "Llama 3.1": ('<|python_tag|>{"name": "search", "parameters": {"input": "Oslo"}}<|eom_id|>', ONE),
    "Llama, two": (f"<|python_tag|>{JSON}; {CLOCK}", [*ONE, ("clock", {})]),
    "Llama 3": ('<function=search>{"input": "Oslo"}</function>', ONE),
    "a function's name in front": ('functions.search({"input": "Oslo"})', ONE),
    "no arguments": ("functions.clock()", [("clock", {})]),
    "as the API has it": ('{"type": "function", "function": {"name": "search", "arguments": {"input": "Oslo"}}}', ONE),
    "the function's name as `function`": ('{"function": "search", "arguments": {"input": "Oslo"}}', ONE),
    "a list": (f"[{JSON}]", ONE),
    "two objects": (f"{JSON}\n{JSON}", ONE * 2),
    "badly written": ("{'name': 'search', 'arguments': {'input': 'Oslo',}}", ONE),
    "the name as people read it": (JSON.replace("search", "Open Meteo API"), [("Open Meteo API", {"input": "Oslo"})]),
}
TEXTS = [
    "",
    "Oslo has 700,000 people.",
    f"I will search.\n{JSON}",
    f"```json\n{JSON}\n```\nThis finds it.",
    '{"name": "Bob", "arguments": {}}',
    '{"name": "search"}',
    '{"city": "Oslo"}',
    '{"name": 3, "arguments": {}}',
    '{"name": "search", "arguments": 3}',
    "```python\nprint(1)\n```",
    "<tool_call>search</tool_call>",
    DEFINED,
    f"{DEFINED}\n```",
    "functions.search",
    "functions.search(Oslo)",
    "[TOOL_CALLS]",
    "<function=search>Oslo</function>",
    "[1, 2, 3]",
    "{",
    JSON + "x" * 70_000,
]
PIECES = [
    "```json\n",
    "```",
    "{",
    "}",
    '"name"',
    ": ",
    '"search"',
    ", ",
    '"arguments"',
    '{"input": "Oslo"}',
    "\n",
    JSON,
]
MARKS = ["<tool_call>", "</tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<function=search>", "functions.search(", ")"]


@pytest.mark.parametrize(("text", "calls"), CALLS.values(), ids=CALLS.keys())
def test_all_forms_are_read(text, calls):
    found = text_calls(text, KNOWN)

    assert [(call.name, json.loads(call.arguments)) for call in found] == calls


MARKED = {
    "an answer was invented": (f"<tools>\n{JSON}\n</tools>\nOslo has 700,000 people.", "", ONE, True),
    "a result was invented": (
        f"<tool_call>{JSON}</tool_call>\n<tool_response>700,000</tool_response>",
        "",
        ONE,
        True,
    ),
    "words on both sides": (f"I look.\n<tool_call>\n{JSON}\n</tool_call>\nIt is big.", "I look.\n", ONE, True),
    "a brace too many": (f"{{{JSON}}}}}", "", ONE, True),
    "a brace too many and an answer": (f"{{{JSON}}}}}\nOslo is big.", "", ONE, True),
    "an unclosed second call": (f'[TOOL_CALLS][{JSON}]{{"name": "clo', "", ONE, True),
    "a function that nobody has": (f"<tool_call>{GOOGLE}</tool_call>", "", ["google"], False),
    "a function that nobody has, and words": (
        f"<tool_call>{GOOGLE}</tool_call> x",
        "",
        [],
        0,
    ),
    "words and a function that nobody has": (f"So:\n<tools>{GOOGLE}</tools>", "So:\n", [], 0),
    "no call": ("<tools></tools>", "", [], False),
}


@pytest.mark.parametrize(("text", "before", "calls", "goes_on"), MARKED.values(), ids=MARKED.keys())
def test_behind_a_mark_a_call_stands_for_itself(text, before, calls, goes_on):
    marked = marked_calls(text, KNOWN)

    assert (marked.before, marked.goes_on) == (before, bool(goes_on))
    assert [call.name for call in marked.calls] == [call if isinstance(call, str) else call[0] for call in calls]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"I look:\n```json\n{JSON}\n```\nThis finds it.", (8, "Search")),
        (f"```python\nx\n```\nSo:\n```\n{JSON}\n```", (20, "Search")),
        (f"I look: ```json\n{JSON}\n```", None),
        (f"I look:\n```json\n{GOOGLE}\n```", None),
        ('I look:\n```json\n{"name": "search"}\n```', None),
        ("```" * 9_000, None),
        ("```json\n{\n" * 5_000, None),
    ],
)
def test_a_fenced_call_in_the_midst_of_a_text_is_found(text, found):
    assert fenced_in(text, KNOWN) == found


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("<tools></tools>", True),
        (" <tool_call>\n</tool_call>\n", True),
        ("</tool_call>", True),
        ("<tools>x</tools>", False),
        ("", False),
    ],
)
def test_marks_alone_say_nothing(text, alone):
    assert is_marks_alone(text) is alone


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_not_only_calls_is_text(text):
    assert text_calls(text, KNOWN) == ()


@pytest.mark.parametrize(("text", "calls"), CALLS.values(), ids=CALLS.keys())
def test_calls_are_held_back_as_long_as_they_are_written(text, calls):
    assert all(may_be_call(text[:length], KNOWN) for length in range(len(text) + 1))


@pytest.mark.parametrize(
    ("text", "decided_after"),
    [
        ("Oslo", 1),
        ("fine", 2),
        ("```python\n", 4),
        ('{"city": "Oslo"}', 3),
        ('{"name": "Bob", "age": 5}', len('{"name": "Bob"')),
        ("[1, 2]", 2),
        ("{}", 2),
        ("<b>bold</b>", 2),
        ("```json\n[1", 10),
    ],
)
def test_text_is_let_through_as_soon_as_it_cannot_be_a_call(text, decided_after):
    held = [may_be_call(text[:length], KNOWN) for length in range(1, len(text) + 1)]

    assert held.index(False) + 1 == decided_after


@pytest.mark.parametrize("field", ["input", None])
@pytest.mark.parametrize(("text", "calls"), CALLS.values(), ids=CALLS.keys())
def test_the_arguments_of_the_first_call_are_shown_as_they_come(text, calls, field):
    if "'" in text or DEFINED in text:
        return  # only the whole can be read
    stream, shown = TextCallStream(KNOWN), ""
    for character in text:
        shown += stream.feed(character)
        if stream.tool is None and stream.found():
            shown += stream.show(field)

    name, arguments = calls[0]
    assert stream.tool == KNOWN(name)
    assert (shown == arguments.get("input", "")) if field else (json.loads(shown or "{}") == arguments)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES + MARKS) | st.text(max_size=4), max_size=20).map("".join))
def test_no_text_raises_and_every_call_has_a_known_name(text):
    calls = text_calls(text, KNOWN)
    marked_calls(text, KNOWN)

    assert all(KNOWN(call.name) and isinstance(call.arguments, str) for call in calls)
    if calls:
        assert all(may_be_call(text[:length], KNOWN) for length in range(len(text) + 1))


@pytest.mark.parametrize(
    "text", ["{" * 60_000, "[" * 60_000, "<tool_call>" * 5_000, JSON * 2_000, '{"name' * 9_000, "```" * 9_000]
)
def test_hostile_text_is_read_at_once(text):
    stream = TextCallStream(KNOWN)

    assert text_calls(text, KNOWN) == ()
    marked_calls(text, KNOWN)
    for at in range(0, 4000, 4):
        may_be_call(text[:at], KNOWN)
        stream.feed(text[at : at + 4])
        stream.found()
