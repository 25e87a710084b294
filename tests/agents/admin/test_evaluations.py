"""Evaluations and their comparison through the pages."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from agents.admin.wording import scorer_in_words
from agents.evals.scorers import SCORERS
from agents.models import Chain, Evaluation, Trial
from agents.services.chains import save_chain
from agents.services.evaluations import plan_evaluation
from tests.agents.admin.conftest import measured

COMPARE = "/admin/agents/evaluation/compare/"


def change(evaluation):
    return reverse("admin:agents_evaluation_change", args=[evaluation.pk])


def start_with(version, dataset, **typed):
    return {"version": version.pk, "dataset": dataset.pk, "repeats": 1, "concurrency": 2, **typed}


def test_the_estimate_is_shown_before_anything_starts(staff, first, dataset):
    url = reverse("admin:agents_evaluation_add")

    page = staff.post(url, start_with(first, dataset, repeats=3, _estimate="1")).content.decode()

    assert "6 model calls" in page
    assert not Evaluation.objects.exists()


def test_an_estimate_that_cannot_be_made_names_the_fields_it_needs(staff, first, dataset):
    typed = {**start_with(first, dataset, repeats="0", _estimate="1"), "version": ""}

    page = staff.post(reverse("admin:agents_evaluation_add"), typed, headers={"X-Requested-With": "panel"})

    assert "Put right first: Prompt version, Repeats." in page.content.decode()


def test_an_evaluation_is_planned_and_its_page_follows_it(staff, first, dataset):
    answer = staff.post(reverse("admin:agents_evaluation_add"), start_with(first, dataset))

    evaluation = Evaluation.objects.get()
    assert answer.url == change(evaluation)
    assert evaluation.trials.count() == 2
    page = staff.get(answer.url).content.decode()
    assert "follow-progress" in page
    assert "2 waiting" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"split": "nope"}, "has no split"), ({"other_scorer": "magic"}, "magic"), ({"repeats": 0}, "greater than")],
)
def test_a_plan_that_cannot_be_is_refused_with_a_sentence(staff, first, dataset, typed, said):
    answer = staff.post(reverse("admin:agents_evaluation_add"), start_with(first, dataset, **typed))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Evaluation.objects.exists()


def test_the_score_is_said_in_plain_words(staff, pair):
    page = staff.get(change(pair[0]))

    assert page.context["sentence"].startswith("1 of 2 right: 50 %, between ")


def test_progress_is_a_part_of_the_page_and_ends_with_a_reload(staff, first, dataset, pair):
    running = plan_evaluation(version=first, dataset=dataset)

    moving = staff.get(reverse("admin:agents_evaluation_progress", args=[running.pk]))
    over = staff.get(reverse("admin:agents_evaluation_progress", args=[pair[0].pk]))

    assert "0</b> of 2 done" in moving.content.decode()
    assert over.status_code == 205


@pytest.mark.parametrize("part", ["", "meter"])
def test_following_an_evaluation_reads_no_texts_of_its_trials(
    staff, first, dataset, part, django_assert_max_num_queries
):
    running = plan_evaluation(version=first, dataset=dataset, scorers=["exact"])

    with django_assert_max_num_queries(6) as asked:
        staff.get(reverse("admin:agents_evaluation_progress", args=[running.pk]), {"part": part})

    of_trials = [query["sql"] for query in asked if 'FROM "agents_trial"' in query["sql"]]
    assert len(of_trials) == 1
    assert not [name for name in ("inputs", "output", "error_detail") if f'"{name}"' in of_trials[0]]
    assert part == "" or "COUNT" in of_trials[0]


def test_an_evaluation_is_cancelled(staff, first, dataset):
    evaluation = plan_evaluation(version=first, dataset=dataset)

    staff.post(reverse("admin:agents_evaluation_cancel", args=[evaluation.pk]))

    evaluation.refresh_from_db()
    assert evaluation.state == "cancelled"


def test_errors_are_retried(staff, pair):
    Trial.objects.filter(evaluation=pair[0], case_key="b").update(outcome="error", error_detail="The server was away.")
    page = staff.get(change(pair[0])).content.decode()
    assert "The server was away." in page
    assert "Retry 1 error" in page

    staff.post(reverse("admin:agents_evaluation_retry", args=[pair[0].pk]))

    assert pair[0].trials.left().count() == 1


def test_a_recorded_evaluation_says_so_and_runs_afresh_in_one_click(staff, pair):
    Evaluation.objects.filter(pk=pair[0].pk).update(
        recorded_at=datetime.date(2026, 11, 20), model="qwen", model_used="qwen"
    )
    assert "Recorded on 20 November 2026 with qwen" in staff.get(change(pair[0])).content.decode()

    answer = staff.post(reverse("admin:agents_evaluation_again", args=[pair[0].pk]))

    fresh = Evaluation.objects.latest("created_at")
    assert answer.url == change(fresh)
    assert (fresh.model, fresh.recorded_at, fresh.trials.left().count()) == ("default", None, 2)


def test_trials_are_filtered_by_outcome(staff, pair):
    page = staff.get(change(pair[0]), {"outcome": "failed"})

    assert [trial.case_key for trial in page.context["page"]] == ["b"]


def test_two_versions_are_compared_side_by_side(staff, pair):
    page = staff.get(COMPARE, {"a": pair[0].pk, "b": pair[1].pk})

    text = page.content.decode()
    assert page.context["comparison"].verdict == "not sure yet"
    assert page.context["comparison"].sentence in page.context["comparison"].sentence
    assert "Rate it from 0 to 10." in text  # the configuration differs first
    assert text.index("What they say differently") < text.index("Scores") < text.index("Case by case")
    assert "50 %" in text and "100 %" in text
    assert "Mean absolute error" in text


def test_the_cases_of_a_comparison_are_filtered_by_the_address(staff, pair):
    page = staff.get(COMPARE, {"a": pair[0].pk, "b": pair[1].pk, "show": "improved"})

    assert [row.case_key for row in page.context["page"]] == ["b"]


def test_versions_can_be_named_instead_of_evaluations(staff, pair, first, second):
    page = staff.get(COMPARE, {"version_a": first.pk, "version_b": second.pk})

    assert (page.context["a"], page.context["b"]) == pair


@pytest.mark.parametrize("query", [{"a": "nonsense"}, {"a": "", "b": ""}, {"show": "<script>"}])
def test_a_comparison_of_nothing_offers_what_can_be_compared(staff, pair, query):
    page = staff.get(COMPARE, query)

    assert page.status_code == 200
    assert "Compare these" in page.content.decode()


def chosen(response):
    return [one and str(one) for one in response.context["chosen"]]


def test_a_comparison_proposes_the_newest_two_that_were_measured_alike(staff, pair, second, dataset):
    part = plan_evaluation(version=second, dataset=dataset, limit=1)
    Evaluation.objects.filter(pk=part.pk).update(state="done", finished_at=timezone.now())

    assert chosen(staff.get(COMPARE)) == [str(one.pk) for one in pair]
    assert chosen(staff.get(COMPARE, {"a": pair[0].pk, "b": pair[0].pk}))[0] == str(pair[0].pk)


def test_two_that_were_not_measured_alike_are_still_two(staff, pair):
    pair[0].trials.filter(case_key="b").delete()

    assert chosen(staff.get(COMPARE)) == [str(one.pk) for one in pair]


def test_versions_without_a_common_dataset_say_so(staff, pair, first, draft):
    page = staff.get(COMPARE, {"version_a": first.pk, "version_b": draft.pk}).content.decode()

    assert "no finished evaluations on one dataset" in page
    assert "Compare these" in page


def test_one_evaluation_is_not_enough_to_compare(staff, pair):
    pair[0].delete()

    page = staff.get(COMPARE, {"a": pair[1].pk, "b": pair[1].pk}).content.decode()

    assert "Only one evaluation is there so far" in page


def test_the_start_page_leads_to_the_comparison_in_one_click(staff, pair):
    assert f"compare/?a={pair[0].pk}&amp;b={pair[1].pk}" in staff.get("/admin/").content.decode()


def test_a_smaller_evaluation_does_not_take_the_place_of_a_whole_one(staff, pair, first, dataset):
    part = plan_evaluation(version=first, dataset=dataset, limit=1)
    Evaluation.objects.filter(pk=part.pk).update(state="done", finished_at=timezone.now())

    assert staff.get("/admin/").context["pairs"] == [pair]


def test_both_are_run_afresh_together(staff, pair):
    answer = staff.post(reverse("admin:agents_evaluation_compare_again"), {"a": pair[0].pk, "b": pair[1].pk})

    assert Evaluation.objects.unfinished().count() == 2
    assert staff.get(answer.url).status_code == 200


def test_run_again_asks_the_same_cases(staff, first, dataset):
    part = plan_evaluation(version=first, dataset=dataset, limit=1)
    Evaluation.objects.filter(pk=part.pk).update(state="done", finished_at=timezone.now())

    staff.post(reverse("admin:agents_evaluation_again", args=[part.pk]))

    fresh = Evaluation.objects.unfinished().get()
    assert (fresh.limit, fresh.trials.count()) == (1, 1)
    assert "Only the first 1 case" in staff.get(change(fresh)).content.decode()


def test_an_evaluation_against_itself_is_refused_and_others_are_offered(staff, pair):
    page = staff.get(COMPARE, {"a": pair[0].pk, "b": pair[0].pk}).content.decode()

    assert "same evaluation twice" in page
    assert "Compare these" in page


def test_a_comparison_says_what_else_may_have_made_the_difference(staff, pair, second, dataset):
    Evaluation.objects.filter(pk=pair[0].pk).update(model_used="other")
    part = measured(second, dataset, ["1", "9"])
    part.trials.filter(case_key="b").delete()

    text = staff.get(COMPARE, {"a": pair[0].pk, "b": part.pk}).content.decode()

    assert "Only the 1 case that both were asked" in text
    assert "Two models answered, other and default" in text
    assert "not compared" in text


def test_a_comparison_follows_what_still_runs(staff, pair, second, dataset):
    fresh = plan_evaluation(version=second, dataset=dataset)
    page = staff.get(COMPARE, {"a": pair[0].pk, "b": fresh.pk}).content.decode()
    meter = staff.get(reverse("admin:agents_evaluation_progress", args=[fresh.pk]), {"part": "meter"}).content.decode()

    assert page.count("<follow-progress") == 1
    assert "No case has been scored on both sides yet." in page
    assert "of 2 done" in meter and "headline" not in meter


def test_pairs_are_measured_alike(staff, pair, first, second, dataset):
    Evaluation.objects.filter(pk=plan_evaluation(version=second, dataset=dataset, scorers=["exact"]).pk).update(
        state="done", finished_at=timezone.now()
    )

    assert staff.get("/admin/").context["pairs"] == [pair]
    page = staff.get(COMPARE, {"version_a": first.pk, "version_b": second.pk})
    assert (page.context["a"], page.context["b"]) == pair


def test_a_quick_try_is_not_the_score_of_a_version(staff, pair, first, dataset):
    part = plan_evaluation(version=first, dataset=dataset, limit=1)
    Evaluation.objects.filter(pk=part.pk).update(state="done", finished_at=timezone.now())

    page = staff.get(reverse("admin:agents_prompt_change", args=[first.prompt_id]))

    figures = {version.number: version.figure for version in page.context["versions"]}
    assert (figures[1].evaluation, figures[1].percent, figures[1].scorer) == (pair[0], "50 %", "numeric")


def test_a_new_evaluation_begins_as_the_last_one_was_measured(staff, first, second, dataset):
    plan_evaluation(version=first, dataset=dataset, scorers=["numeric:abs=1", "exact"], repeats=2)

    form = staff.get(reverse("admin:agents_evaluation_add"), {"version": second.pk}).context["form"]

    shown = {name: form[name].value() for name in ("dataset", "scorers", "other_scorer", "repeats")}
    assert shown == {"dataset": dataset.pk, "scorers": ["exact"], "other_scorer": "numeric:abs=1", "repeats": 2}


@pytest.mark.parametrize("name", SCORERS)
def test_every_scorer_is_said_in_words(name):
    assert scorer_in_words(name) != name


def test_a_tolerance_is_said_in_words():
    assert scorer_in_words("numeric:abs=1") == "within 1 of the expected number"
    assert scorer_in_words("numeric:abs=1,rel=0.05") == "within 1 or 0.05 times its size of the expected number"


def test_changes_are_made_by_post_alone(staff, pair):
    for name in ("cancel", "retry", "again"):
        url = reverse(f"admin:agents_evaluation_{name}", args=[pair[0].pk])
        assert staff.get(url).status_code == 405


def test_a_comparison_asks_the_same_for_any_number_of_cases(staff, pair, django_assert_max_num_queries):
    with django_assert_max_num_queries(22) as few:
        staff.get(COMPARE, {"a": pair[0].pk, "b": pair[1].pk})
    for evaluation in pair:
        Trial.objects.bulk_create(
            Trial(evaluation=evaluation, case_key=f"n{n}", outcome="passed", finished_at=timezone.now())
            for n in range(20)
        )

    with django_assert_max_num_queries(len(few)):
        staff.get(COMPARE, {"a": pair[0].pk, "b": pair[1].pk})


@pytest.fixture
def rating_chain(first):
    chain = Chain(slug="rated", name="Rated twice")
    save_chain(chain=chain, definition={"inputs": ["text"], "steps": [{"id": "rate", "prompt": "rating@1"}]})
    return chain


def test_a_chain_is_measured_like_a_version(staff, rating_chain, dataset):
    add = reverse("admin:agents_evaluation_add")
    typed = {"chain": rating_chain.pk, "dataset": dataset.pk, "repeats": 1, "concurrency": 2}

    assert "2 model calls" in staff.post(add, {**typed, "_estimate": "1"}).content.decode()
    answer = staff.post(add, typed)

    evaluation = Evaluation.objects.get()
    assert (answer.url, evaluation.chain) == (change(evaluation), rating_chain)
    page = staff.get(answer.url).content.decode()
    assert "chain:rated" in page
    assert reverse("admin:agents_chain_change", args=[rating_chain.pk]) in page
    assert "each step's own model" in page
    for name in ("agents_evaluation_changelist", "index"):
        assert "chain:rated" in staff.get(reverse(f"admin:{name}")).content.decode()
    again = staff.post(reverse("admin:agents_evaluation_cancel", args=[evaluation.pk]), follow=True)
    assert again.status_code == 200


@pytest.mark.parametrize("both", [True, False])
def test_one_thing_is_measured_at_a_time(staff, first, rating_chain, dataset, both):
    typed = {"dataset": dataset.pk, "repeats": 1, "concurrency": 2}
    typed |= {"version": first.pk, "chain": rating_chain.pk} if both else {}

    page = staff.post(reverse("admin:agents_evaluation_add"), typed)

    assert page.status_code == 422
    assert "Choose one thing to measure" in page.content.decode()


def test_a_chain_is_compared_with_a_version_and_with_itself(staff, pair, rating_chain, dataset):
    of_chain, later = (plan_evaluation(chain=rating_chain, dataset=dataset) for _ in range(2))

    for a, b in ((pair[0], of_chain), (of_chain, pair[0]), (of_chain, later)):
        page = staff.get(COMPARE, {"a": a.pk, "b": b.pk})
        assert page.status_code == 200
        assert "chain:rated" in page.content.decode()
    assert "Both measure the same" in page.content.decode()
