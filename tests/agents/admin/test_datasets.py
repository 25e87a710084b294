"""Datasets through the pages: imported, searched, edited, exported."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agents.models import Case, Dataset

IMPORT = "/admin/agents/dataset/import/"


def test_a_file_becomes_a_dataset(staff):
    file = SimpleUploadedFile("questions.csv", b"id,question,expected\nq1,2 + 3?,5\n")

    answer = staff.post(IMPORT, {"slug": "sums", "name": "Sums", "file": file}, follow=True)

    assert "1 added, 0 changed, 0 unchanged" in answer.content.decode()
    assert Case.objects.get().inputs == {"question": "2 + 3?"}


def test_a_broken_line_is_named_and_nothing_changes(staff, dataset):
    text = '{"id": "c", "inputs": {"text": "New"}}\n{"id": "d", "inputs": \n{"inputs": {"text": "x"}}'

    answer = staff.post(IMPORT, {"slug": dataset.slug, "text": text})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert [line for line, _ in answer.context["problems"]] == [2, 3]
    assert "not JSON" in page and "needs an id" in page
    assert "&quot;New&quot;" in page  # what was pasted is still there
    assert dataset.cases.count() == 2


def test_a_file_that_is_no_text_is_refused(staff, db):
    file = SimpleUploadedFile("cases.jsonl", b"\xff\xfe\x00")

    answer = staff.post(IMPORT, {"slug": "x", "file": file})

    assert "not UTF-8" in answer.content.decode()
    assert not Dataset.objects.exists()


def test_cases_are_searched(staff, dataset):
    page = staff.get(reverse("admin:agents_dataset_change", args=[dataset.pk]), {"q": "War"})

    assert [case.case_id for case in page.context["page"]] == ["b"]


def test_a_case_is_edited(staff, dataset):
    case = dataset.cases.get(case_id="a")
    url = reverse("admin:agents_dataset_case", args=[dataset.pk, case.pk])

    staff.post(url, {"case_id": "a", "inputs": '{"text": "Coffee"}', "expected": '["1", "2"]', "tags": "drink, hot"})

    case.refresh_from_db()
    assert (case.inputs, case.expected, case.tags) == ({"text": "Coffee"}, ["1", "2"], ["drink", "hot"])


@pytest.mark.parametrize(
    ("inputs", "said"), [("{text: 1}", "line 1, column 2"), ("[]", "Give an object"), ("{}", "Give an object")]
)
def test_inputs_that_are_no_object_are_refused_and_kept(staff, dataset, inputs, said):
    case = dataset.cases.get(case_id="a")

    answer = staff.post(
        reverse("admin:agents_dataset_case", args=[dataset.pk, case.pk]), {"case_id": "a", "inputs": inputs}
    )

    assert said in str(answer.context["form"].errors["inputs"])
    case.refresh_from_db()
    assert case.inputs == {"text": "Tea"}


def test_a_case_is_deleted_only_after_asking(staff, dataset):
    url = reverse("admin:agents_dataset_case_delete", args=[dataset.pk, dataset.cases.get(case_id="a").pk])

    assert "Delete the case" in staff.get(url).content.decode()
    assert dataset.cases.count() == 2

    staff.post(url)
    assert [case.case_id for case in dataset.cases.all()] == ["b"]


def test_two_cases_cannot_have_one_id(staff, dataset):
    url = reverse("admin:agents_dataset_case_add", args=[dataset.pk])

    answer = staff.post(url, {"case_id": "b", "inputs": '{"text": "x"}', "expected": "1"})

    assert "Another case" in answer.content.decode()
    assert dataset.cases.count() == 2


def test_what_is_exported_can_be_imported_again(staff, dataset):
    text = staff.get(reverse("admin:agents_dataset_export", args=[dataset.pk])).content.decode()
    assert [json.loads(line)["id"] for line in text.splitlines()] == ["a", "b"]

    answer = staff.post(IMPORT, {"slug": dataset.slug, "text": text}, follow=True)

    assert "0 added, 0 changed, 2 unchanged" in answer.content.decode()


def test_many_cases_ask_nothing_more(staff, dataset, django_assert_num_queries):
    url = reverse("admin:agents_dataset_change", args=[dataset.pk])
    staff.get(url)
    with django_assert_num_queries(8):
        staff.get(url)
    Case.objects.bulk_create(Case(dataset=dataset, case_id=f"n{n}", inputs={"text": "x"}) for n in range(60))

    with django_assert_num_queries(8):
        staff.get(url)
