"""Choosing a strategy and how the answer is found, without writing JSON."""

import pytest
from django.urls import reverse

from tests.agents.admin.forms import filled


def url(version):
    return reverse("admin:agents_prompt_version", args=[version.prompt_id, version.number])


def save(staff, draft, **typed):
    answer = staff.post(url(draft), {**filled(staff.get(url(draft)), "editor", **typed), "_save": "1"})
    draft.refresh_from_db()
    return answer


def test_a_strategy_is_chosen_with_its_options(staff, draft):
    save(staff, draft, strategy="self_consistency", option_samples="10", option_min_agreement="0.6")

    assert draft.strategy == "self_consistency"
    assert draft.strategy_options == {"samples": 10, "min_agreement": 0.6}

    save(staff, draft, option_samples="5", option_pick="model", option_min_agreement="")
    assert draft.strategy_options == {"samples": 5, "pick": "model"}


def test_a_box_can_be_unticked(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", strategy="self_consistency")
    del typed["option_early_stop"]

    staff.post(url(draft), {**typed, "_save": "1"})

    draft.refresh_from_db()
    assert draft.strategy_options == {"early_stop": False}
    assert "option_early_stop" not in filled(staff.get(url(draft)), "editor")


def test_options_without_a_field_and_those_of_other_strategies_are_not_lost(staff, draft):
    stored = {"wave": 3, "samples": 7, "trigger": "Think!", "nested": {"a": [1]}}
    draft.strategy_options = stored
    draft.save()

    save(staff, draft, strategy="pal", option_repairs="2")

    assert draft.strategy_options == {**stored, "repairs": 2}
    assert list(draft.strategy_options) == ["wave", "samples", "trigger", "nested", "repairs"]


def test_options_without_a_field_are_shown_only_where_there_are_some(staff, draft):
    assert "other_options" not in filled(staff.get(url(draft)), "editor")

    draft.strategy_options = {"wave": 3}
    draft.save()
    assert '"wave": 3' in filled(staff.get(url(draft)), "editor")["other_options"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"strategy": "self_consistency", "option_samples": "99"}, "This is a whole number from 1 to 40."),
        ({"strategy": "self_consistency", "option_temperature": "0"}, "all samples would be the same"),
        ({"strategy": "self_consistency", "option_samples": "many"}, "Enter a whole number."),
        ({"strategy": "least_to_most", "option_max_subquestions": "9"}, "This is a whole number from 1 to 8."),
        ({"strategy": "pal", "option_repairs": "3"}, "This is a whole number from 0 to 2."),
        ({"strategy": "pal", "other_options": '{"repairs": 1}'}, "There is a field for repairs above."),
        ({"strategy": "pal", "other_options": "[]"}, "This must be an object in braces"),
        ({"extract": "regex", "extract_argument": "(?=a)b"}, "look-around or a back-reference"),
        ({"extract": "regex", "extract_argument": "("}, "is no regular expression"),
        ({"extract": "after", "extract_argument": ""}, "Say which: the phrase"),
        ({"kind": "json", "schema": '{"type": "nothing"}'}, "is not a valid JSON Schema"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(staff, draft, typed, sentence):
    before = (draft.strategy, draft.strategy_options, draft.output)

    answer = save(staff, draft, **typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert (draft.strategy, draft.strategy_options, draft.output) == before


def test_options_of_a_strategy_that_is_not_chosen_are_not_checked(staff, draft):
    assert save(staff, draft, strategy="pal", option_samples="99").status_code == 302


def test_the_result_of_a_program_can_be_the_answer(staff, draft):
    save(staff, draft, strategy="pal", kind="number", extract="program")

    assert draft.output == {"kind": "number", "extract": "program"}


def test_a_field_of_a_json_answer_may_have_a_schema(staff, draft):
    save(staff, draft, kind="number", extract="json", extract_argument="a.0", schema='{"type": "object"}')

    assert (draft.output["extract"], draft.output["schema"]) == ({"json": "a.0"}, {"type": "object"})


def test_each_strategy_says_what_it_costs(staff, draft):
    save(staff, draft, strategy="self_consistency", option_samples="12")

    page = staff.get(url(draft)).content.decode()

    assert '<output data-mirrors="id_option_samples">12</output> × the calls of a plain answer' in page
    for strategy in ("direct", "zero_shot_cot", "few_shot_cot", "self_consistency", "least_to_most", "pal"):
        assert f'data-strategy="{strategy}"' in page


def test_a_published_version_says_its_options_and_its_calls(staff, draft):
    save(staff, draft, strategy="least_to_most", option_max_subquestions="4", commit_message="Divide")
    staff.post(reverse("admin:agents_prompt_version_publish", args=[draft.prompt_id, draft.number]))

    page = staff.get(url(draft)).content.decode()

    assert "<dt>max_subquestions</dt><dd>4</dd>" in page
    assert "<dt>Calls an answer</dt><dd>2 to 5</dd>" in page
