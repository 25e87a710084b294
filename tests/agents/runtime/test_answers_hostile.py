"""Whatever a reply holds, every reader gives its declared result, in a time that grows as the text does."""

import time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.answers import (
    Extraction,
    Outcome,
    canonical,
    correction,
    extract,
    from_constrained,
    parse_output,
    read_again,
    read_reply,
    response_format_of,
    strict_schema,
)

SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "pattern": "^(a|a)*$"},
        "b": {"type": ["integer", "null"], "multipleOf": 0.01},
    },
    "required": ["a"],
    "patternProperties": {"^x+$": {"$ref": "#"}},
}
OUTPUTS = [
    {"kind": "text"},
    {"kind": "number"},
    {"kind": "boolean"},
    {"kind": "choice", "choices": ["A", "B", "left (1)"]},
    {"kind": "label", "labels": ["Spam", "not spam", "ß"]},
    {"kind": "json"},
    {"kind": "json", "schema": SCHEMA},
    {"kind": "json", "schema": {"type": "array", "items": {"type": "integer"}}},
    {"kind": "number", "extract": "first"},
    {"kind": "text", "extract": "last"},
    {"kind": "number", "extract": {"after": "Score:"}},
    {"kind": "text", "extract": {"json": "a.0.b"}},
    {"kind": "number", "extract": {"json": "a"}, "schema": SCHEMA},
    {"kind": "text", "extract": {"regex": r"^(.*?)(\w+)\s*$"}},
    {"kind": "boolean", "extract": "program"},
]
SPECS = [parse_output(output) for output in OUTPUTS]
ids = [f"{output['kind']}-{output.get('extract', 'auto')}" for output in OUTPUTS]

SIGNS = str.maketrans({"·": " ", "↵": "\n", "°": "\u00a0", "¤": "\ud800", "¦": "\0"})
PIECES = st.sampled_from(
    """
    Answer: the·answer·is· #### \\boxed{ } { [ ] "a" : , ' " \\ ```json↵ ``` ↵ · 1 1,234 1/3 ½ \\frac{ ^{ ×·10 - − $ %
    e5 0 ** <think> </think> yes true A left·(1) (B) not·spam SS Score: the ° ¤ ¦ ١ i̇ I'm·sorry
    """.split()  # noqa: SIM905 a column of fifty strings would be read by nobody
).map(lambda piece: piece.translate(SIGNS))
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(SPECS), st.sampled_from(["stop", "length", "content_filter", ""]), st.booleans())
def test_every_reply_comes_to_a_declared_result(text, spec, finish_reason, refused):
    reading = read_reply(text, spec, finish_reason=finish_reason, refused=refused)

    assert reading.outcome in get_args(Outcome)
    assert reading.answered == (reading.extraction.value is not None) == (not reading.problem)
    assert correction(reading, spec).endswith((".", "}"))
    assert isinstance(from_constrained(text, spec), Extraction)
    assert read_again(text, spec, constrained=True).outcome not in ("parsed", "repaired")


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(SPECS))
def test_what_was_extracted_is_in_its_canonical_form(text, spec):
    value = extract(text, spec, program=text).value

    assert value is None or (value and canonical(value, spec) == value)


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_a_format_can_be_asked_for_or_there_is_none(spec):
    asked = response_format_of(spec)

    assert asked is None or asked["type"] in ("json_schema", "json_object")


SCHEMAS = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "integer"}, {"enum": [1, None]}, {}, True, {"$ref": "#"}]),
    lambda inside: st.one_of(
        st.builds(lambda part: {"type": "array", "items": part}, inside),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inside, min_size=1, max_size=2)),
        st.builds(
            lambda parts, required: {"type": "object", "properties": parts, "required": required},
            st.dictionaries(st.sampled_from("ab"), inside, max_size=2),
            st.lists(st.sampled_from("ab"), unique=True),
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=80, deadline=None)
@given(SCHEMAS)
def test_a_strict_schema_is_strict_and_its_own_strict_form(schema):
    strict = strict_schema(schema) if isinstance(schema, dict) else None

    if strict is not None:
        assert strict["additionalProperties"] is False and strict["required"] == list(strict["properties"])
        assert strict_schema(strict) == strict


N = 2_500
FAMILIES = {
    "digits": "1",
    "groups": "111,",
    "spaced groups": "1 111 ",
    "fractions": "1/",
    "latex": "\\frac{1}{",
    "wrapped": "\\text{a",
    "marks": "Answer: 1\n",
    "boxes": "\\boxed{",
    "bold": "**a ",
    "brackets": "[",
    "objects": '{"a":',
    "python objects": "{'a': ",
    "escaped quotes": '[x "\\"',
    "trailing commas": "[1,],",
    "fences": "```\n",
    "thinking": "<think>",
    "lines": "a\n",
    "choices": "(A",
    "words": "not spam ",
    "a's": "a",
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_four_times_the_text_takes_at_most_six_times_as_long(family):
    short, long = family * (N // len(family)), family * (4 * N // len(family))

    # Each is measured twice and the faster counts; what is too short to be measured can't be slow.
    assert _faster(long) < max(6 * _faster(short), 0.05)


def _faster(text):
    took = []
    for _ in range(2):
        started = time.process_time()
        for spec in SPECS:
            read_reply(text, spec)
        took.append(time.process_time() - started)
    return min(took)
