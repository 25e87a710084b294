"""Cases come in as files, all of a file or nothing."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from agents.models import Case, Dataset

FIELDS = ("id", "inputs", "expected", "split", "tags", "critical")
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
SHOWN_PROBLEMS = 20
DELIMITERS = ",;\t"  # spreadsheets write the one that their language uses
# How Python's parser begins its message → what it means for the file.
JSON_PROBLEMS = {
    "Expecting property name": "a name in double quotes is missing, or a comma stands after the last entry",
    "Expecting ',' delimiter": "a comma is missing, or a quote within a text isn't written as \\\"",
    "Expecting ':' delimiter": "a colon is missing after a name",
    "Expecting value": "a value is missing; texts stand in double quotes",
    "Unterminated string": "a text isn't closed by a double quote",
    "Extra data": "more text stands after the closing brace",
    "Invalid control character": "a line break or a tab within a text is written as \\n or \\t",
    "Invalid \\escape": "a backslash within a text is written twice",
}


class DatasetFileError(ValueError):
    """A file that was not imported: `problems` has each broken line's number and what is wrong with it.

    Line 0 stands for the whole import.
    """

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        lines = [f"line {number}: {why}" if number else why for number, why in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            lines.append(f"… and {len(problems) - SHOWN_PROBLEMS} more")
        super().__init__("\n".join(lines))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CaseImport:
    """What an import did; the three numbers count cases."""

    dataset: Dataset
    added: int
    changed: int
    unchanged: int


class _Broken(ValueError):
    """One line that is no case; the text says why."""


def import_cases(*, slug: str, text: str, file_format: Literal["jsonl", "csv"], name: str | None = None) -> CaseImport:
    """Add the cases of a file, or bring those with the same id up to date. A broken line changes nothing at all."""
    cases = _read(slug, text, file_format)
    with transaction.atomic():
        defaults = {"name": name or slug.replace("-", " ").capitalize()}
        dataset, _ = Dataset.objects.get_or_create(slug=slug, defaults=defaults)
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        return _upsert(dataset, cases)


def _upsert(dataset: Dataset, cases: list[dict[str, Any]]) -> CaseImport:
    known = {case.case_id: case for case in dataset.cases.all()}
    added, changed = [], []
    for fields in cases:
        case = known.get(fields["case_id"])
        if case is None:
            added.append(Case(dataset=dataset, **fields))
        elif any(getattr(case, field) != value for field, value in fields.items()):
            for field, value in fields.items():
                setattr(case, field, value)
            changed.append(case)
    Case.objects.bulk_create(added, batch_size=500)
    Case.objects.bulk_update(changed, ["inputs", "expected", "split", "tags", "critical"], batch_size=500)
    return CaseImport(dataset, len(added), len(changed), len(cases) - len(added) - len(changed))


def _read(slug: str, text: str, file_format: str) -> list[dict[str, Any]]:
    try:
        validate_slug(slug)
    except ValidationError:
        why = f"“{slug}” is no slug for a dataset: use letters, digits, - and _."
        raise DatasetFileError([(0, why)]) from None
    lines = _json_lines if file_format == "jsonl" else _csv_lines
    cases: list[dict[str, Any]] = []
    problems: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for number, read in lines(text.removeprefix("\ufeff")):
        try:
            case = _case(_checked(read))
            if case["case_id"] in seen:
                raise _Broken(f"id “{case['case_id']}” is already used in line {seen[case['case_id']]}.")
            seen[case["case_id"]] = number
            cases.append(case)
        except _Broken as error:
            problems.append((number, str(error)))
    if not cases and not problems:
        problems = [(1, "The file has no cases.")]
    if problems:
        raise DatasetFileError(problems)
    return cases


def _checked(read: Any) -> Any:
    if isinstance(read, _Broken):
        raise read
    return read


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    # Only line feeds divide lines: splitlines() would also cut at characters that JSON strings may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _json(line)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        return _Broken(_json_problem(line, error))
    except ValueError as error:  # a number with thousands of digits
        return _Broken(f"This can't be read: {error}.")
    except RecursionError:
        return _Broken("This is not JSON that can be read: it is nested too deeply.")


def _json_problem(line: str, error: json.JSONDecodeError) -> str:
    """What to put right, in the words of somebody who writes cases rather than programs."""
    if line.lstrip().startswith("["):
        return "This begins a list. Write one object a line, in braces, without brackets around them all."
    if line.strip() in ("{", "}", "},", "]"):
        return "This is not JSON: a case stands on one line, from its opening brace to the closing one."
    what = next((words for begin, words in JSON_PROBLEMS.items() if error.msg.startswith(begin)), error.msg)
    return f"This is not JSON: {what} (character {error.colno}: {line[max(0, error.colno - 1) :][:20] or 'the end'})."


def _csv_lines(text: str) -> Iterator[tuple[int, Any]]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    start = 1
    try:
        for row in reader:
            number, start = start, reader.line_num + 1
            if not row:
                continue
            if header is None:
                header = [cell.strip() for cell in row]
                if problem := _header_problem(header):
                    yield number, _Broken(problem)
                    return
                continue
            yield number, _csv_case(header, row)
    except csv.Error as error:
        yield start, _Broken(f"This is not CSV: {error}.")


def _header_problem(header: list[str]) -> str:
    if "id" not in header:
        return "The first line must name the columns, one of them “id”."
    doubled = {name for name in header if header.count(name) > 1}
    return f"Column “{min(doubled)}” stands there twice." if doubled else ""


def _csv_case(header: list[str], row: list[str]) -> Any:
    if len(row) != len(header):
        return _Broken(f"The line has {len(row)} cells, but there are {len(header)} columns.")
    case: dict[str, Any] = {"inputs": {}}
    for column, cell in zip(header, row, strict=True):
        if column in FIELDS and column != "inputs":
            case[column] = cell
        elif column:
            case["inputs"][column.removeprefix("inputs.")] = cell
    return _csv_values(case)


def _csv_values(case: dict[str, Any]) -> Any:
    """Cells are text: a JSON list means several right answers, tags are divided by semicolons or commas."""
    critical = case.get("critical", "").strip().lower()
    if critical not in TRUTH:
        return _Broken(f"critical is “{case['critical']}”: write true or false.")
    case["critical"] = TRUTH[critical]
    tags = case.get("tags", "").replace(";", ",").split(",")
    case["tags"] = [tag.strip() for tag in tags if tag.strip()]
    expected = case.get("expected", "")
    if expected.startswith("["):
        try:
            case["expected"] = json.loads(expected)
        except ValueError:
            pass
    elif not expected:
        case["expected"] = None
    return case


def _case(read: Any) -> dict[str, Any]:
    """The fields of a row, or why there are none."""
    if not isinstance(read, dict):
        raise _Broken("A case is an object with id, inputs and expected.")
    if unknown := [key for key in read if key not in FIELDS]:
        raise _Broken(f"Unknown field “{unknown[0]}”. Known: {', '.join(FIELDS)}.")
    return {
        "case_id": _id(read.get("id")),
        "inputs": _inputs(read.get("inputs")),
        "expected": _expected(read.get("expected")),
        "split": _split(read.get("split")),
        "tags": _tags(read.get("tags")),
        "critical": _critical(read.get("critical")),
    }


def _id(value: Any) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text:
        raise _Broken('The case needs an id, such as "case-17".')
    if len(text) > 120:
        raise _Broken(f"The id has {len(text)} characters; 120 is the most.")
    return text


def _inputs(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise _Broken('inputs must be an object with at least one variable, such as {"question": "…"}.')
    return value


def _expected(value: Any) -> Any:
    if value == []:
        raise _Broken("expected is an empty list: give at least one right answer, or leave it out.")
    return value


def _split(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 40:
        raise _Broken("split must be a text of at most 40 characters.")
    return value


def _tags(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise _Broken("tags must be a list of texts.")
    return value


def _critical(value: Any) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _Broken("critical must be true or false.")
    return value
