"""Cases keep the type of what they expect."""

import pytest

from agents.models import Case, Dataset


@pytest.mark.parametrize("expected", ["two", "2", "true", 2, ["a", "b"], None])
def test_what_is_expected_stays_what_it_is_through_validation(db, expected):
    dataset = Dataset.objects.create(slug="words", name="Words")
    case = Case(dataset=dataset, case_id="a", inputs={"q": "1 + 1"}, expected=expected)

    case.full_clean()
    case.save()

    assert Case.objects.get(pk=case.pk).expected == expected
