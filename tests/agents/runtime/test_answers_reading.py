"""What becomes of a reply that was to have a form."""

import pytest

from agents.runtime.answers import correction, parse_output, read_again, read_reply

NUMBER = {"kind": "number"}
CHOICE = {"kind": "choice"}
LABEL = {"kind": "label", "labels": ["Toxic", "Neutral"]}
MAIL = {"kind": "label", "labels": ["spam", "spam or not", "ham"]}
SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
JSON = {"kind": "json", "schema": SCHEMA}


@pytest.mark.parametrize(
    ("output", "text", "outcome", "value", "flags"),
    [
        (NUMBER, "7 apples.\nAnswer: 7", "parsed", "7", ()),
        (NUMBER, "7", "parsed", "7", ()),
        (NUMBER, "$1,200.50", "parsed", "1200.5", ()),
        (NUMBER, "It takes 3 days, then 4 more, so 7", "repaired", "7", ("unmarked",)),
        (NUMBER, "So 3 + 4 = 7.\nAnswer: I can't tell", "repaired", "7", ("unmarked",)),
        ({**NUMBER, "extract": "last"}, "3 days, then 7", "parsed", "7", ()),
        ({**NUMBER, "extract": {"regex": r"=(\d)"}}, "x=3", "parsed", "3", ()),
        ({**NUMBER, "extract": {"json": "n"}}, '{"n": 3}', "parsed", "3", ()),
        ({**NUMBER, "extract": {"json": "n"}}, 'So {"n": 3}', "repaired", "3", ("prose",)),
        (NUMBER, "Seven.", "failed", None, ()),
        (CHOICE, "The answer is (B).", "parsed", "B", ()),
        (CHOICE, "Answer: c)", "repaired", "C", ("case",)),
        (LABEL, "Toxic", "parsed", "Toxic", ()),
        (LABEL, "toxic.", "repaired", "Toxic", ("case",)),
        (LABEL, "I find this Toxic, sadly.", "repaired", "Toxic", ("unmarked",)),
        (LABEL, "Hateful", "failed", None, ()),
        ({"kind": "boolean"}, "True", "parsed", "yes", ()),
        ({"kind": "text"}, "Paris", "parsed", "paris", ()),
        (JSON, '{"age": 3}', "parsed", '{"age":3}', ()),
        (JSON, "```json\n{'age': 3,}\n```", "repaired", '{"age":3}', ("fence", "json_repaired")),
        (JSON, "Three.", "failed", None, ()),
        ({"kind": "json"}, "Answer: 0", "repaired", "0", ("prose",)),
        (JSON, '{"age": 3', "truncated", None, ()),
        (NUMBER, "I'm sorry, I can't help with that.", "refused", None, ()),
        (NUMBER, "I'm sorry for the delay. Answer: 3", "parsed", "3", ()),
        (NUMBER, "", "failed", None, ()),
    ],
)
def test_each_reply_has_an_outcome(output, text, outcome, value, flags):
    reading = read_reply(text, parse_output(output))

    assert (reading.outcome, reading.extraction.value, reading.flags) == (outcome, value, flags)
    assert (reading.problem == "") == reading.answered
    assert reading.text == text


@pytest.mark.parametrize(
    ("output", "text", "finish_reason", "outcome", "flags"),
    [
        (NUMBER, "First we take", "length", "truncated", ()),
        (NUMBER, "First we take", "truncated", "truncated", ()),
        (NUMBER, "Answer: 7\nTo explain", "length", "parsed", ("cut",)),
        (NUMBER, "First 3.\nAnswer: 12", "length", "truncated", ("cut",)),
        (NUMBER, "Answer: 12.", "length", "truncated", ("cut",)),
        (NUMBER, "The total is 12", "length", "truncated", ("cut",)),
        (NUMBER, "\\boxed{12", "length", "truncated", ("cut",)),
        (NUMBER, "\\boxed{12}", "length", "parsed", ("cut",)),
        (NUMBER, "**Answer: 12**", "length", "parsed", ("cut",)),
        (NUMBER, "Answer: 12 ", "length", "parsed", ("cut",)),
        (NUMBER, "Answer: 12 apples", "length", "parsed", ("cut",)),
        ({"kind": "number", "extract": {"json": "n"}}, '{"n": 12}', "length", "parsed", ("cut",)),
        ({"kind": "number", "extract": {"regex": r"= (\d+)"}}, "so = 12", "length", "truncated", ("cut",)),
        (MAIL, "Answer: spam", "length", "truncated", ("cut",)),
        (MAIL, "Answer: spam, as it", "length", "parsed", ("cut",)),
        (MAIL, "Answer: ham", "length", "parsed", ("cut",)),
        (NUMBER, "Answer: 12", "stop", "parsed", ()),
        (JSON, '{"age": 3, "name": "A', "length", "truncated", ()),
        (JSON, 'Not {"age": "?"} but {"age": 3', "length", "truncated", ("prose",)),
        ({"kind": "text"}, "The capital of France is", "length", "truncated", ("cut",)),
        ({"kind": "text"}, "Paris.\nIt is", "length", "parsed", ("cut",)),
        (NUMBER, "", "content_filter", "refused", ()),
    ],
)
def test_a_reply_that_was_cut_is_never_passed_on_in_silence(output, text, finish_reason, outcome, flags):
    reading = read_reply(text, parse_output(output), finish_reason=finish_reason)

    assert (reading.outcome, reading.flags) == (outcome, flags)


def test_what_the_api_calls_a_refusal_is_one_whatever_it_says():
    reading = read_reply("Rule 7 forbids it.", parse_output(NUMBER), refused=True)

    assert (reading.outcome, reading.extraction.value) == ("refused", None)


def test_json_that_is_not_as_the_schema_says_is_no_answer_and_the_validator_says_why():
    reading = read_reply('{"age": "three"}', parse_output(JSON))

    assert (reading.outcome, reading.extraction.value) == ("failed", None)
    assert reading.problem == "age: 'three' is not of type 'integer'"
    told = correction(reading, parse_output(JSON))
    assert told.startswith(
        "Your reply can't be used: age: 'three' is not of type 'integer'. Reply with one JSON object"
    )


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"$ref": "#/$defs/x"}, {"$ref": "http://127.0.0.1/x"}])
def test_a_schema_that_leads_nowhere_is_a_problem_and_nothing_else(schema):
    reading = read_reply('{"age": 3}', parse_output({"kind": "json", "schema": schema}))

    assert reading.outcome == "failed" and reading.problem


def test_a_program_gives_the_answer_of_a_reply():
    spec = parse_output({"kind": "number", "extract": "program"})

    assert read_reply("def solution(): …", spec, program="7.0").extraction.value == "7"
    assert read_reply("Answer: 7", spec).problem == "no program in it came to a value"


@pytest.mark.parametrize(
    ("output", "text", "options", "told"),
    [
        (
            NUMBER,
            "Seven.",
            {},
            "Your reply can't be used: no number was found in it. "
            "Reply with one line of the form “Answer: …” only, where … is a number.",
        ),
        (
            NUMBER,
            "Seven.",
            {"constrained": True},
            "Your reply can't be used: no number was found in it. "
            'Reply with a JSON object of the form {"answer": …} only.',
        ),
        (
            CHOICE,
            "I can't say.",
            {},
            "Your reply gave no answer. If you can answer, "
            "reply with one line of the form “Answer: …” only, where … is one of A, B, C, D, E.",
        ),
        (
            {"kind": "json"},
            '{"a": ',
            {},
            "Your reply was cut off before it came to its answer; be brief. "
            "Reply with one JSON value and nothing else.",
        ),
    ],
)
def test_a_correction_says_what_was_wrong_and_what_is_wanted(output, text, options, told):
    spec = parse_output(output)

    assert correction(read_reply(text, spec), spec, **options) == told


@pytest.mark.parametrize(
    ("output", "text", "constrained", "outcome", "value"),
    [
        (NUMBER, '{"answer": 7.0}', True, "reasked", "7"),
        (NUMBER, "Answer: 7", True, "reasked", "7"),  # a server that ignores the format
        (NUMBER, "Answer: 7", False, "reasked", "7"),
        (NUMBER, "Seven!", True, "failed", None),
        (NUMBER, "I'm sorry, I can't.", False, "refused", None),
        (JSON, '{"age": "three"}', True, "failed", None),
        ({"kind": "json"}, "Answer: 0", True, "reasked", "0"),
        (NUMBER, '{"answer": 12', True, "truncated", None),
        ({"kind": "text"}, "Paris", True, "reasked", "paris"),
    ],
)
def test_the_reply_to_a_correction_is_asked_again_or_fails_as_before(output, text, constrained, outcome, value):
    reading = read_again(text, parse_output(output), constrained=constrained)

    assert (reading.outcome, reading.extraction.value) == (outcome, value)
