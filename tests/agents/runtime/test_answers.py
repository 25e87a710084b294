"""What counts as the answer of a reply."""

import pytest

from agents.runtime.answers import canonical, extract, format_instruction, parse_output
from agents.runtime.errors import PromptError
from tests.agents.runtime.vectors_of import vectors

KINDS = {"yesno": "boolean"}


@pytest.mark.parametrize("case", vectors("extraction"))
def test_the_answer_is_found_as_the_table_says(case):
    spec = parse_output({"kind": KINDS.get(case["kind"], case["kind"])})

    assert extract(case["text"], spec).value == case["value"]


@pytest.mark.parametrize(
    ("output", "text", "value"),
    [
        ({"kind": "number", "extract": "first"}, "3 or 4. The answer is 5.", "3"),
        ({"kind": "number", "extract": "last"}, "The answer is 5. See page 12.", "12"),
        ({"kind": "number", "extract": {"after": "Score:"}}, "The answer is 9.\nScore: 0.70 of 1", "0.7"),
        ({"kind": "number", "extract": {"json": "score"}}, '```json\n{"score": 0.25, "why": "7 reasons"}\n```', "0.25"),
        ({"kind": "number", "extract": {"regex": r"score=(\S+)"}}, "score=-1,000 of 5", "-1000"),
        ({"kind": "choice"}, "B", "B"),
        ({"kind": "choice"}, "c) because of 3", "C"),
        ({"kind": "choice", "choices": ["left", "right"]}, "The answer is Right.", "right"),
        ({"kind": "label", "labels": ["spam", "not spam"]}, "This is not spam.", "not spam"),
        ({"kind": "label", "labels": ["neutral", "toxic"]}, "Answer: **Toxic**, not neutral", "toxic"),
        ({"kind": "label", "labels": ["neutral", "toxic"]}, "No idea.", None),
        ({"kind": "label", "labels": ["spam", "not spam"]}, "Answer: not-spam", "not spam"),
        ({"kind": "label", "labels": ["spam", "not_spam"]}, "Answer: Not  spam", "not_spam"),
        ({"kind": "label", "labels": ["toxic", "non-toxic"]}, "Answer: non toxic", "non-toxic"),
        ({"kind": "label", "labels": ["positive", "negative"]}, "It is positive.\nAnswer: mixed", None),
        ({"kind": "label", "labels": ["İstanbul", "Ankara"]}, "Answer: istanbul", "İstanbul"),
        ({"kind": "label", "labels": ["İstanbul", "Ankara"]}, "Answer: İSTANBUL", "İstanbul"),
        ({"kind": "label", "labels": ["positive"]}, "posıtıve", "positive"),
        ({"kind": "choice"}, "(A) Oslo (B) Rome\nAnswer: I don't know", None),
        ({"kind": "choice", "choices": ["C", "C-"]}, "Answer: C-", "C-"),
        ({"kind": "choice", "choices": ["I", "II"]}, "Answer: ı", "I"),
        ({"kind": "boolean"}, "It is true that birds fly.\nAnswer: cannot be determined", None),
        ({"kind": "boolean"}, "- Yes, no doubt about it.", "yes"),
        ({"kind": "boolean"}, "1. (Yes) there is no doubt", "yes"),
        ({"kind": "text"}, "the\ud800", "the\ud800"),
        ({"kind": "json"}, 'Here: {"b": 1, "a": "é"} as asked.', '{"a":"é","b":1}'),
        ({"kind": "json"}, "[1, 2", None),
        ({"kind": "text"}, "Answer:\n  The **Louvre**.\nIt is in Paris.", "louvre"),
        ({"kind": "number"}, "It rose from 3-5 to 1e999999999", "5"),
        ({"kind": "number"}, "The range is 10–12 − so 11", "11"),
        ({"kind": "number"}, "The answer is -$5,000", "-5000"),
        ({"kind": "number"}, "It is 7" * 2000, "7"),
        ({"kind": "number"}, "Answer: _18_", "18"),
        ({"kind": "text"}, "I think it is in France.\nAnswer:", None),
        ({"kind": "text"}, "Oslo isn't.\n**Answer:** Paris\n\n**Answer:**", "paris"),
        ({"kind": "text"}, "Answer: `__init__`", "init"),
        ({"kind": "text"}, "Answer: _snake_case_name_", "snake case name"),
        ({"kind": "choice"}, "_B_", "B"),
        ({"kind": "choice"}, "The correct option is B.", "B"),
        ({"kind": "choice"}, "I'd choose a better one.", None),
        ({"kind": "choice"}, "The answer is not A but B.", "B"),
        ({"kind": "choice"}, "Option B is right, not (A).", "B"),
        ({"kind": "boolean"}, "_Yes_, it does.", "yes"),
        ({"kind": "boolean"}, "It's not true.", "no"),
        ({"kind": "boolean"}, "That isn't false, but it hides a no.", "no"),
        ({"kind": "label", "labels": ["good", "bad"]}, "Good. It isn't bad at all.", "good"),
        ({"kind": "label", "labels": ["good", "bad"]}, "Good and bad things: in the end bad", "bad"),
        ({"kind": "label", "labels": ["good", "bad"]}, "Tone: bad (not good)", "bad"),
        ({"kind": "label", "labels": ["good", "bad"]}, "Answer: not bad, good", "good"),
        ({"kind": "label", "labels": ["good", "bad"]}, "It is bad rather than good", "bad"),
        ({"kind": "label", "labels": ["good", "bad"]}, "It isn't bad.", None),
        ({"kind": "label", "labels": [True, False]}, "Answer: No", "no"),
    ],
)
def test_the_rule_of_the_prompt_decides_where_the_answer_stands(output, text, value):
    assert extract(text, parse_output(output)).value == value


@pytest.mark.parametrize(
    ("output", "program", "value"),
    [
        ({"kind": "number", "extract": "program"}, "12.50", "12.5"),
        ({"kind": "number", "extract": "program"}, None, None),
        ({"kind": "number", "extract": "program"}, "", None),
        ({"kind": "number", "extract": "program"}, "12.50 dollars", "12.5"),
        ({"kind": "number", "extract": "program"}, "3, 4", None),
        ({"kind": "number", "extract": "program"}, "2024-02-29", None),
        ({"kind": "boolean", "extract": "program"}, "True", "yes"),
        ({"kind": "text", "extract": "program"}, "The Seine", "seine"),
        ({"kind": "number"}, "2", "2"),
        ({"kind": "number", "extract": "first"}, "2", "1"),
    ],
)
def test_a_program_gives_the_answer_where_the_rule_says_so(output, program, value):
    assert extract("1 apple. The answer is 3.", parse_output(output), program).value == value


def test_what_is_shown_keeps_the_spelling_of_the_model():
    assert extract("So the final answer is: “The Eiffel Tower”.", parse_output({})).shown == "The Eiffel Tower"


@pytest.mark.parametrize(
    ("output", "value", "expected"),
    [
        ({"kind": "number"}, 18.0, "18"),
        ({"kind": "number"}, "$1,200", "1200"),
        ({"kind": "number"}, None, None),
        ({"kind": "boolean"}, True, "yes"),
        ({"kind": "boolean"}, "False", "no"),
        ({"kind": "choice"}, "b", "B"),
        ({"kind": "label", "labels": ["Not spam"]}, "not SPAM", "Not spam"),
        ({"kind": "text"}, "The Seine", "seine"),
        ({"kind": "json"}, {"b": 1, "a": [True]}, '{"a":[true],"b":1}'),
        ({"kind": "json"}, '{"b": 1}', '{"b":1}'),
    ],
)
def test_expected_values_take_the_same_form_as_extracted_ones(output, value, expected):
    assert canonical(value, parse_output(output)) == expected


@pytest.mark.parametrize(
    "output",
    [
        {"kind": "poem"},
        {"kind": "label"},
        {"kind": "number", "extract": "recipe"},
        {"kind": "text", "extract": {"regex": "(?=a)"}},
        {"kind": "json", "schema": {"properties": {"a": {"pattern": "(?!a)"}}}},
        {"kind": "number", "extract": {"regex": "("}},
        {"kind": "number", "extract": {"before": "x"}},
        {"kind": "json", "schema": {"type": "nothing"}},
        {"kind": "choice", "choices": ["A", "a"]},
        {"kind": "text", "instruction": "please"},
    ],
)
def test_an_output_that_cannot_be_meant_is_refused_with_a_sentence(output):
    with pytest.raises(PromptError) as refused:
        parse_output(output)
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("output", "example"),
    [
        ({"kind": "number"}, "Answer: 12"),
        ({"kind": "number", "extract": {"after": "Score:"}}, "Score: 12"),
    ],
)
def test_the_instruction_names_the_label_that_the_extractor_looks_for(output, example):
    spec = parse_output(output)

    assert f"“{example.split()[0]} …”" in format_instruction(spec)
    assert extract(f"12 is not it: 3.\n{example}", spec).value == "12"


def test_a_prompt_that_says_the_format_itself_gets_no_instruction():
    assert format_instruction(parse_output({"kind": "number", "instruction": "none"})) == ""
    assert format_instruction(parse_output({"kind": "text"})) == ""
