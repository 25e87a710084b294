"""Datasets: cases come in from files, all or nothing."""

import json

import pytest

from agents.models import Case, Dataset
from agents.services.datasets import DatasetFileError, import_cases

pytestmark = pytest.mark.django_db


def line(case_id, **fields):
    return json.dumps({"id": case_id, "inputs": {"question": "?"}, "expected": "1", **fields})


def jsonl(*lines):
    return import_cases(slug="sums", text="\n".join(lines), file_format="jsonl")


def problems(text, file_format="jsonl"):
    with pytest.raises(DatasetFileError) as refused:
        import_cases(slug="sums", text=text, file_format=file_format)
    return refused.value.problems


def test_cases_are_added_changed_and_left_alone_by_id():
    first = jsonl(line("a"), line("b"), "", line("c"))
    second = jsonl(line("a"), line("b", expected=["1", "one"], critical=True), line("d"))
    assert (first.added, first.changed, first.unchanged) == (3, 0, 0)
    assert (second.added, second.changed, second.unchanged) == (1, 1, 1)
    assert list(Case.objects.values_list("case_id", flat=True)) == ["a", "b", "c", "d"]
    changed = Case.objects.get(case_id="b")
    assert (changed.expected, changed.critical) == (["1", "one"], True)


def test_the_order_of_inputs_and_all_fields_are_kept():
    jsonl(line("a", inputs={"z": 1, "a": [2]}, split="test", tags=["x"]))
    case = Case.objects.get()
    assert list(case.inputs.items()) == [("z", 1), ("a", [2])]
    assert (case.split, case.tags) == ("test", ["x"])


def test_every_broken_line_is_named_and_nothing_is_changed():
    jsonl(line("a"))
    text = "\n".join([line("a", expected="2"), "{", "[]", line("b", inputs={}), line("c", colour=1), line("a")])
    found = problems(text)
    assert [number for number, _ in found] == [2, 3, 4, 5, 6]
    assert "not JSON" in found[0][1]
    assert "object" in found[1][1]
    assert "inputs" in found[2][1]
    assert "colour" in found[3][1]
    assert "already used in line 1" in found[4][1]
    assert Case.objects.get().expected == "1"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"id": None}, "id"),
        ({"id": "x" * 121}, "121"),
        ({"id": True}, "id"),
        ({"inputs": "text"}, "inputs"),
        ({"expected": []}, "expected"),
        ({"split": 3}, "split"),
        ({"tags": "a,b"}, "tags"),
        ({"critical": "yes"}, "critical"),
    ],
)
def test_what_is_wrong_with_a_field_is_told(fields, named):
    [(number, why)] = problems(json.dumps({"id": "a", "inputs": {"q": "?"}, **fields}))
    assert number == 1
    assert named in why
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_a_file_without_cases_is_refused(text):
    assert problems(text) == [(1, "The file has no cases.")]


def test_the_message_shows_the_first_twenty_problems():
    with pytest.raises(DatasetFileError, match=r"line 20: .*\n… and 5 more"):
        jsonl(*["{"] * 25)


def test_csv_columns_are_inputs_unless_they_have_a_name_of_their_own():
    text = (
        "\ufeffid,question,inputs.unit,expected,split,tags,critical\r\n"
        'a,"How many,\r\nall told?",km,"[""1"", ""one""]",test,x; y,yes\r\n'
        "b,Why?,,,,,\r\n"
    )
    done = import_cases(slug="sums", text=text, file_format="csv")
    assert done.added == 2
    first, second = Case.objects.order_by("pk")
    assert first.inputs == {"question": "How many,\r\nall told?", "unit": "km"}
    assert (first.expected, first.split, first.tags, first.critical) == (["1", "one"], "test", ["x", "y"], True)
    assert (second.expected, second.critical) == (None, False)


@pytest.mark.parametrize(
    ("text", "number", "named"),
    [
        ("question,expected\n1,2\n", 1, "“id”"),
        ("id,id\n1,2\n", 1, "twice"),
        ('id,question\na,"two\nlines"\nb\n', 4, "1 cells"),
        ("id,question,critical\na,?,maybe\n", 2, "maybe"),
        ('id,question\na,"open\n', 2, "not CSV"),
    ],
)
def test_broken_csv_is_named_by_line(text, number, named):
    found = problems(text, "csv")
    assert found[0][0] == number
    assert named in found[0][1]


def test_a_dataset_needs_a_slug():
    with pytest.raises(DatasetFileError, match="no slug"):
        import_cases(slug="my set", text=line("a"), file_format="jsonl")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[", "without brackets around them all"),
        ("{", "stands on one line"),
        ("{'id': 'a'}", "a name in double quotes is missing"),
        (
            '{"id": "a" "inputs": {}}',
            "a comma is missing, or a quote within a text isn't written as \\\" (character 12",
        ),
        ('{"id": a}', "texts stand in double quotes"),
        ('{"id": "a', "isn't closed"),
        ('{"id": "a"} {}', "more text stands after the closing brace (character 13"),
        ('{"id": ' + "9" * 5000 + "}", "can't be read"),
    ],
)
def test_broken_json_is_said_in_words(line, told):
    with pytest.raises(DatasetFileError) as refused:
        import_cases(slug="sums", text=line, file_format="jsonl")
    assert told in refused.value.problems[0][1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_divide_its_columns_as_it_likes(delimiter):
    text = "id,question,expected\na,Two,2\n".replace(",", delimiter)
    done = import_cases(slug="sums", text=text, file_format="csv")
    case = done.dataset.cases.get()
    assert (case.case_id, case.inputs, case.expected) == ("a", {"question": "Two"}, "2")


def test_what_is_about_the_whole_import_names_no_line():
    with pytest.raises(DatasetFileError) as refused:
        import_cases(slug="no slug", text="{}", file_format="jsonl")
    assert str(refused.value).startswith("“no slug” is no slug")
