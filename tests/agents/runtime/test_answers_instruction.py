"""What the model is told about the form of its answer, and that it is the form that is looked for."""

import json

import pytest

from agents.runtime.answers import extract, format_instruction, parse_output, read_reply
from agents.runtime.answers.instruction import answer_only, written_answer

LABELS = {"kind": "label", "labels": ["spam", "not spam"]}
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("output", "reasoned", "told"),
    [
        ({"kind": "text"}, False, ""),
        ({"kind": "text"}, True, "End your reply with one line of the form “Answer: …”, where … is the answer."),
        ({"kind": "number"}, True, "End your reply with one line of the form “Answer: …”, where … is a number."),
        (
            {"kind": "choice", "choices": ["A", "B"], "extract": {"after": "So:"}},
            False,
            "End your reply with one line of the form “So: …”, where … is one of A, B.",
        ),
        ({"kind": "boolean", "extract": "first"}, False, "Reply with yes or no only."),
        ({"kind": "boolean", "extract": "first"}, True, "Begin your reply with yes or no."),
        ({**LABELS, "extract": "last"}, True, "End your reply with one of these labels: spam, not spam."),
        ({"kind": "json"}, False, "Reply with one JSON value and nothing else."),
        (
            {"kind": "json", "schema": SCHEMA},
            True,
            f"End your reply with one JSON object. It must match this JSON Schema: {json.dumps(SCHEMA)}",
        ),
        (
            {"kind": "number", "extract": {"json": "n"}},
            False,
            "Reply with one JSON object and nothing else. Its field “n” is the answer: a number.",
        ),
        ({"kind": "number", "extract": {"regex": "x"}}, True, ""),
        ({"kind": "number", "extract": "program"}, True, ""),
        ({"kind": "number", "instruction": "none"}, True, ""),
    ],
)
def test_the_instruction_is_short_and_fits_the_rule(output, reasoned, told):
    assert format_instruction(parse_output(output), reasoned=reasoned) == told


FORMS = [
    ({"kind": "text"}, "Paris"),
    ({"kind": "number"}, "-7.5"),
    ({"kind": "number", "extract": {"after": "Total:"}}, "12"),
    ({"kind": "number", "extract": {"json": "result.n"}}, "12"),
    ({"kind": "number", "extract": {"json": "n"}}, "1/3"),
    ({"kind": "boolean", "extract": "last"}, "yes"),
    ({"kind": "boolean", "extract": {"json": "ok"}}, "no"),
    ({"kind": "choice"}, "B"),
    (LABELS, "not spam"),
    ({"kind": "json", "schema": SCHEMA}, '{"n":1}'),
]


@pytest.mark.parametrize(("output", "answer"), FORMS)
@pytest.mark.parametrize("reasoned", [False, True])
def test_an_answer_written_as_asked_is_found_as_it_is(output, answer, reasoned):
    spec = parse_output(output)
    written = written_answer(answer, spec, reasoned=reasoned)

    assert read_reply(written, spec).outcome == "parsed"
    before = "Well, it is A or 3 or yes.\n" if reasoned else ""
    assert extract(before + written, spec).value == read_reply(written, spec).extraction.value


@pytest.mark.parametrize(("output", "answer"), FORMS)
def test_whoever_is_corrected_is_told_the_same_form(output, answer):
    spec = parse_output(output)

    label = spec.answer_label
    assert (f"“{label} …”" in answer_only(spec)) == (f"“{label} …”" in format_instruction(spec, reasoned=True))
