"""Answers that the server is made to write in their form."""

import pytest
from jsonschema import Draft202012Validator

from agents.runtime.answers import from_constrained, parse_output, response_format_of, strict_schema

PERSON = {
    "type": "object",
    "title": "Person",
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "In full."},
        "age": {"type": "integer", "minimum": 0, "default": 0},
        "mail": {"type": "string", "format": "email"},
        "site": {"type": ["string", "null"], "format": "uri"},
        "friends": {"type": "array", "items": {"$ref": "#/$defs/friend"}},
    },
    "required": ["name", "friends"],
    "$defs": {"friend": {"type": "object", "properties": {"since": {"type": "integer"}}}},
}


def test_a_schema_in_strict_form_requires_everything_and_allows_null_for_what_may_be_missing():
    strict = strict_schema(PERSON)

    Draft202012Validator.check_schema(strict)
    assert strict == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "In full."},
            "age": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            "mail": {"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}]},
            "site": {"type": ["string", "null"]},
            "friends": {"type": "array", "items": {"$ref": "#/$defs/friend"}},
        },
        "required": ["name", "age", "mail", "site", "friends"],
        "additionalProperties": False,
        "$defs": {
            "friend": {
                "type": "object",
                "properties": {"since": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
                "required": ["since"],
                "additionalProperties": False,
            }
        },
    }


def nested(levels):
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
    return schema


def one(part):
    return {"type": "object", "properties": {"x": part}, "required": ["x"]}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "anyOf": [one({"type": "string"})], "properties": {"x": {"type": "string"}}},
        {"type": "object"},
        {**one({"type": "string"}), "additionalProperties": {"type": "string"}},
        {**one({"type": "string"}), "additionalProperties": True},
        {**one({"type": "string"}), "required": ["y"]},
        one({}),
        one(True),
        one({"allOf": [{"type": "string"}]}),
        one({"oneOf": [{"type": "string"}]}),
        one({"not": {"type": "string"}}),
        one({"if": {"type": "string"}, "then": {"minLength": 2}, "type": "string"}),
        one({"type": "array"}),
        one({"$ref": "https://example.com/x"}),
        one({"enum": list(range(1001))}),
        one({"enum": [f"{n:0100}" for n in range(251)]}),
        one({"const": "x" * 120_001}),
        nested(11),
        nested(50),
    ],
)
def test_what_the_strict_form_cannot_say_has_none(schema):
    assert strict_schema(schema) is None


def test_limits_are_reached_without_being_passed():
    assert strict_schema(nested(9)) is not None
    assert strict_schema(one({"enum": list(range(1000))})) is not None


@pytest.mark.parametrize(
    ("output", "schema"),
    [
        ({"kind": "number"}, {"type": "number"}),
        ({"kind": "boolean"}, {"type": "string", "enum": ["yes", "no"]}),
        ({"kind": "choice", "choices": ["A", "B"]}, {"type": "string", "enum": ["A", "B"]}),
        ({"kind": "label", "labels": ["spam", "ham"]}, {"type": "string", "enum": ["spam", "ham"]}),
        ({"kind": "json", "schema": {"type": "array", "items": {"type": "integer"}}}, {"type": "array"}),
    ],
)
def test_what_is_no_object_is_asked_for_as_the_answer_of_one(output, schema):
    asked = response_format_of(parse_output(output))["json_schema"]

    assert (asked["name"], asked["strict"], asked["schema"]["required"]) == ("answer", True, ["answer"])
    assert asked["schema"]["properties"]["answer"].items() >= schema.items()


def test_a_schema_that_is_not_strict_is_asked_for_as_it_is():
    schema = {"type": "object", "minProperties": 1, "patternProperties": {"^x": {"type": "string"}}}

    asked = response_format_of(parse_output({"kind": "json", "schema": schema}))

    assert asked == {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": False}}


def test_text_is_not_constrained_and_any_json_only_to_be_json():
    assert response_format_of(parse_output({"kind": "text"})) is None
    assert response_format_of(parse_output({"kind": "json"})) == {"type": "json_object"}


@pytest.mark.parametrize(
    ("output", "text", "value"),
    [
        ({"kind": "number"}, '{"answer": 1e3}', "1000"),
        ({"kind": "number"}, '<think>5</think>\n{"answer": -0.50}', "-0.5"),
        ({"kind": "number"}, '{"answer": null}', None),
        ({"kind": "number"}, "[5]", "5"),
        ({"kind": "boolean"}, '{"answer": "no"}', "no"),
        ({"kind": "boolean"}, '{"answer": true}', "yes"),
        ({"kind": "choice"}, '{"answer": "B"}', "B"),
        ({"kind": "label", "labels": ["not spam", "spam"]}, '{"answer": "not spam"}', "not spam"),
        ({"kind": "json", "schema": {"type": "array"}}, '{"answer": [1]}', "[1]"),
        ({"kind": "json", "schema": {"type": "array"}}, "[1]", "[1]"),
        ({"kind": "json"}, "nothing", None),
        (
            {"kind": "json", "schema": PERSON},
            '{"name": "Ada", "age": null, "mail": null, "site": null, "friends": [{"since": null}]}',
            '{"friends":[{}],"name":"Ada","site":null}',
        ),
        ({"kind": "json", "schema": PERSON}, '{"name": null, "friends": []}', None),
    ],
)
def test_a_constrained_reply_is_read_back(output, text, value):
    assert from_constrained(text, parse_output(output)).value == value
