"""Arguments of function calls, as models write them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agents.runtime.parsing.arguments import LONGEST, Arguments, BadArguments, read_arguments
from tests.agents.runtime.vectors_of import vectors

SCHEMAS = {
    "weather": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "metric": {"type": ["boolean", "null"]},
        },
        "required": ["city"],
        "additionalProperties": False,
    },
    "search": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    "clock": {"type": "object", "properties": {}},
}
PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    ",",
    ":",
    " ",
    "\n",
    "\\",
    "```json\n",
    "```",
    "city",
    "days",
    "3",
    "2.5",
    "NaN",
]
MORE = ["true", "True", "None", "null", "1e999", "\\ud83d", "\x00", "é", '{"city": "Oslo"}', '"city": "x"', "-", "0"]


def as_data(result):
    if isinstance(result, BadArguments):
        names = {"names": list(result.names)} if result.names else {}
        return {"kind": "retry", "code": result.code, **names}
    return {"kind": "args", "args": result.args, **({"flags": list(result.flags)} if result.flags else {})}


@pytest.mark.parametrize("case", vectors("arguments"))
def test_arguments_mean_what_the_table_says(case):
    found = as_data(read_arguments(case["arguments"], SCHEMAS[case["tool"]]))

    assert json.dumps(found, sort_keys=True) == json.dumps(case["result"], sort_keys=True)


@pytest.mark.parametrize(
    ("arguments", "args"),
    [
        ('{"city": "a, ]", "days": 1,}', {"city": "a, ]", "days": 1}),
        ("{'city': 'it\\'s \"here\"'}", {"city": 'it\'s "here"'}),
        ('{"city": "None"}', {"city": "None"}),
        ('{"city": "3"}', {"city": "3"}),
        ('{"city": "x", "metric": "true"}', {"city": "x", "metric": True}),
        ('```\n{"city": "x"}\n```\nI will wait.', {"city": "x"}),
        ('{"city": "x"};', {"city": "x"}),
    ],
)
def test_repairs_change_no_value(arguments, args):
    assert read_arguments(arguments, SCHEMAS["weather"]).args == args


@pytest.mark.parametrize(
    "arguments", ['{"city": 1e999}', '{"city": -Infinity}', "{" * 50_000, '{"a":' * 50_000, "'", '"' * 9, "\x00"]
)
def test_what_is_no_json_is_said(arguments):
    assert read_arguments(arguments, SCHEMAS["weather"]).code == "invalid_json_arguments"


def test_arguments_of_any_length_are_not_read():
    assert read_arguments('{"city": "' + "x" * LONGEST + '"}', SCHEMAS["weather"]).problem == "they are too long"


def test_a_problem_names_the_field_and_what_is_due():
    bad = read_arguments('{"city": "Oslo", "days": 2.5}', SCHEMAS["weather"])

    assert bad.problem == "days: 2.5 is not of type 'integer'."


def test_a_schema_can_leave_room_for_more_fields():
    assert read_arguments('{"a": 1}', {"type": "object"}).args == {"a": 1}
    assert read_arguments('{"a": 1}', {"type": "object", "properties": {}, "additionalProperties": True}).args
    assert read_arguments("{}", {"type": "object", "properties": {"q": {}}}).args == {}


def test_nested_values_are_coerced_and_checked():
    schema = {
        "type": "object",
        "properties": {
            "days": {"type": "array", "items": {"type": "integer"}},
            "where": {"type": "object", "properties": {"lat": {"anyOf": [{"type": "number"}, {"type": "null"}]}}},
        },
    }

    assert read_arguments('{"days": ["1", 2.0], "where": {"lat": "5.5"}}', schema) == Arguments(
        {"days": [1, 2], "where": {"lat": 5.5}}, ("coerced",)
    )
    assert read_arguments('{"days": [1, "x"]}', schema).problem == "days: 'x' is not of type 'integer' (at days.1)."


def test_null_for_a_field_that_may_be_missing_means_that_it_is():
    assert read_arguments('{"city": "Oslo", "days": null}', SCHEMAS["weather"]) == Arguments(
        {"city": "Oslo"}, ("coerced",)
    )
    assert read_arguments('{"city": null}', SCHEMAS["weather"]).code == "invalid_arguments"


def test_a_pattern_of_the_schema_cannot_hang_or_raise():
    schema = {"type": "object", "properties": {"a": {"pattern": "(a+)+$"}, "b": {"pattern": "(?=x)"}}}

    assert read_arguments('{"a": "' + "a" * 5000 + '!"}', schema).code == "invalid_arguments"
    assert read_arguments('{"b": "x"}', schema).code == "invalid_arguments"


def test_a_number_that_is_too_large_to_be_checked_is_refused():
    schema = {"type": "object", "properties": {"a": {"multipleOf": 0.1}}}

    assert read_arguments('{"a": 1' + "0" * 400 + "}", schema).code == "invalid_arguments"


@pytest.mark.parametrize("reference", ["#/$defs/none", "http://127.0.0.1:9/schema.json"])
def test_a_reference_that_leads_nowhere_raises_nothing_and_fetches_nothing(reference):
    schema = {"type": "object", "properties": {"a": {"$ref": reference}}}

    assert read_arguments('{"a": 1}', schema).code == "invalid_arguments"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES + MORE) | st.text(max_size=5), max_size=30).map("".join))
def test_nothing_that_a_model_writes_raises_or_passes_unchecked(text):
    for schema in SCHEMAS.values():
        result = read_arguments(text, schema)
        if isinstance(result, Arguments):
            Draft202012Validator(schema).validate(result.args)
            json.dumps(result.args, allow_nan=False)
        else:
            assert result.code


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries({"city": st.text()}, optional={"days": st.integers(), "metric": st.none() | st.booleans()})
)
def test_valid_arguments_come_back_as_they_are(args):
    assert read_arguments(json.dumps(args), SCHEMAS["weather"]) == Arguments(args)
