"""The JSON that stands in a reply."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.answers import extract, parse_output
from agents.runtime.answers.json_text import canonical_json, json_found

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value", "flags"),
    [
        ('{"a": 1}', {"a": 1}, set()),
        ('```json\n{"a": 1}\n```', {"a": 1}, {"fence"}),
        ('Here it is: {"a": 1}. Anything else?', {"a": 1}, {"prose"}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}, {"json_repaired"}),
        ("{'a': True, 'b': None}", {"a": True, "b": None}, {"json_repaired"}),
        ("""{'a': 'it\\'s "so"'}""", {"a": 'it\'s "so"'}, {"json_repaired"}),
        ('{"a": "first\nsecond"}', {"a": "first\nsecond"}, {"json_repaired"}),
        ('{"a": "commas, ] and True,}",}', {"a": "commas, ] and True,}"}, {"json_repaired"}),
        ("```\n{'a': 1,}\n```\nDone.", {"a": 1}, {"fence", "json_repaired"}),
        ('The set [1, 2) is half-open. So: {"a": 1}', {"a": 1}, {"prose"}),
    ],
)
def test_json_is_found_and_said_to_be_repaired_where_it_was(text, value, flags):
    found = json_found(text)

    assert (found.values, found.flags, found.cut) == ((value,), flags, False)


@pytest.mark.parametrize("text", ["[1, 2", '{"a": {"b": 1}, "c": [1,', '```json\n{"a": "so', "{'a': True, 'b': ["])
def test_of_json_that_is_cut_no_inner_part_is_taken_for_the_answer(text):
    assert (json_found(text).values, json_found(text).cut) == ((), True)


@pytest.mark.parametrize("text", ["", "No.", "{a: 1}", '{"a": NaN}', '{"a": 1e999}', "[" * 300 + "]" * 300, "Use [it"])
def test_what_has_no_single_meaning_is_no_json(text):
    assert (json_found(text).values, json_found(text).cut) == ((), False)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.text(alphabet="ab,:' \n", max_size=9), st.text(alphabet="ab,:' \n", max_size=9))
def test_an_object_is_found_whatever_stands_around_it(value, before, after):
    written = json.dumps({"it": value})

    assert json_found(f"{before}{written}{after}").values[:1] == ({"it": value},)
    assert json_found(canonical_json(value)).values == (value,)


@pytest.mark.parametrize(
    ("path", "value"),
    [("a.b.0.c", "7"), ("a.b.1", "8"), ("x.y", "9"), ("a.b.2", None), ("a.b.-1", None), ("a.c", None), ("a", None)],
)
def test_a_field_may_be_deep_inside(path, value):
    text = '{"a": {"b": [{"c": 7}, 8]}, "x.y": "9 of 10"}'

    assert extract(text, parse_output({"kind": "number", "extract": {"json": path}})).value == value


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({}, '{"n": 1} and then [2]', '{"n":1}'),
        ({}, 'Not {"n": 1}. Answer: {"n": 2} or {"n": 3}', '{"n":2}'),
        ({}, '{"text": "the answer is [5]"}', '{"text":"the answer is [5]"}'),
        (SCHEMA, 'First {"n": "?"}, better {"n": 1}, best {"n": 2}. Sources: [3]', '{"n":2}'),
        (SCHEMA, '{"n": "?"}', '{"n":"?"}'),
    ],
)
def test_among_several_values_the_schema_or_the_mark_decides(schema, text, value):
    assert extract(text, parse_output({"kind": "json", "schema": schema})).value == value


def test_a_flood_of_values_is_read_no_further_than_anybody_would():
    assert len(json_found("[]" * 100_000).values) == 500
