"""Evaluations: frozen plans, summaries that name what they leave out, comparisons in words."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from agents.evals.runner import PlannedTrial, TrialResult
from agents.evals.scorers import Score as Scored
from agents.models import Evaluation, Trace, Trial
from agents.runtime.events import Finished, ModelCalled, StepFinished, StepStarted, TextDelta
from agents.runtime.llm import Usage
from agents.services import evaluations
from agents.services.datasets import import_cases
from agents.services.evaluations import (
    ComparisonError,
    PlanError,
    cancel_evaluation,
    compare,
    plan_evaluation,
    retry_errors,
    summary,
)
from agents.services.prompts import create_draft, import_prompt

pytestmark = pytest.mark.django_db

FILE = {
    "slug": "sums",
    "messages": [{"role": "user", "content": "{{ question }}"}],
    "output": {"kind": "number"},
}
CASES = "\n".join(
    f'{{"id": "c{n:02}", "inputs": {{"question": "{n}"}}, "expected": "{n}", "split": "{"test" if n < 8 else "dev"}"}}'
    for n in range(10)
)


@pytest.fixture
def version(db):
    return import_prompt(data=FILE).version


@pytest.fixture
def dataset(db):
    return import_cases(slug="numbers", text=CASES, file_format="jsonl").dataset


@pytest.fixture
def evaluation(version, dataset):
    return plan_evaluation(version=version, dataset=dataset)


def result(trial, answer="", outcome=None, **fields):
    right = answer == trial.expected
    scored = outcome not in ("error", "skipped")
    return TrialResult(
        PlannedTrial(trial.pk, trial.inputs, trial.expected),
        outcome or ("passed" if right else "failed"),
        output=answer,
        extracted=answer,
        scores={"numeric": Scored(float(right))} if scored else {},
        duration_ms=fields.pop("duration_ms", 1000) if scored else None,
        **fields,
    )


def finish(evaluation, answers, outcomes=()):
    """Store an answer for each trial in order (None: leave it undone) and end the evaluation."""
    claimed = evaluations.claim(evaluation.pk)
    trials = evaluations.trials_left(claimed)
    outcomes = [*outcomes, *[None] * len(trials)]
    rows = zip(trials, answers, outcomes, strict=False)
    done = [result(trial, answer, outcome) for trial, answer, outcome in rows if answer is not None]
    evaluations.store_results(claimed, done)
    evaluations.finish(claimed.pk, claimed.lease_expires_at, cancelled=False)
    return Evaluation.objects.get(pk=evaluation.pk)


def right(count):
    return [str(n) if n < count else "99" for n in range(10)]


def test_a_plan_is_one_trial_for_each_case_and_repeat_with_copies(version, dataset):
    evaluation = plan_evaluation(version=version, dataset=dataset, repeats=2, split="test", limit=3)
    rows = evaluation.trials.values_list("case_key", "repeat", "expected")
    assert sorted(rows) == [(f"c0{n}", repeat, str(n)) for n in range(3) for repeat in range(2)]
    assert (evaluation.scorers, evaluation.model, evaluation.runner) == (["numeric"], "default", "server")


def test_editing_the_dataset_later_changes_no_plan(evaluation, dataset):
    dataset.cases.update(expected="changed")
    assert set(evaluation.trials.values_list("expected", flat=True)) == {str(n) for n in range(10)}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"split": "nope"}, "Splits: dev, test"),
        ({"scorers": ["accuracy"]}, "Scorers: exact"),
        ({"repeats": 0}, "Repeats"),
        ({"concurrency": 0}, "Concurrency"),
        ({"limit": 0}, "limit"),
    ],
)
def test_what_cannot_be_planned_is_refused_and_leaves_nothing(version, dataset, options, told):
    with pytest.raises(PlanError, match=told):
        plan_evaluation(version=version, dataset=dataset, **options)
    assert not Evaluation.objects.exists()


def test_a_draft_is_not_evaluated(version, dataset, ada):
    draft = create_draft(prompt=version.prompt, parent=version, author=ada)
    with pytest.raises(PlanError, match="Publish it first"):
        plan_evaluation(version=draft, dataset=dataset)


def test_cases_without_the_prompts_variable_are_refused(version):
    other = import_cases(slug="o", text='{"id": "x", "inputs": {"text": "?"}}', file_format="jsonl").dataset
    with pytest.raises(PlanError, match=r"Case “x” has no input question.*Its inputs: text"):
        plan_evaluation(version=version, dataset=other)


def test_an_empty_dataset_is_refused(version, dataset):
    dataset.cases.all().delete()
    with pytest.raises(PlanError, match="has no cases"):
        plan_evaluation(version=version, dataset=dataset)


def test_only_one_runner_gets_an_evaluation(evaluation):
    assert evaluations.claim(evaluation.pk).state == "running"
    assert evaluations.claim(evaluation.pk) is None
    assert evaluations.claim_next() is None


def test_the_server_takes_over_its_own_when_the_lease_has_run_out_but_not_a_commands(evaluation):
    claimed = evaluations.claim(evaluation.pk)
    Evaluation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1), runner="command")
    assert evaluations.claim_next() is None
    Evaluation.objects.update(runner="server")
    assert evaluations.claim_next() == evaluation
    assert evaluations.renew(evaluation.pk, claimed.lease_expires_at).until is None


def test_a_runner_that_lost_its_lease_ends_nothing(evaluation):
    claimed = evaluations.claim(evaluation.pk)
    Evaluation.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=60))
    evaluations.finish(evaluation.pk, claimed.lease_expires_at, cancelled=False)
    evaluations.release(evaluation.pk, claimed.lease_expires_at)
    evaluation.refresh_from_db()
    assert evaluation.state == "running"


def test_a_trial_gets_one_outcome_whoever_brings_it(evaluation):
    trial = evaluation.trials.first()
    evaluations.store_results(evaluation, [result(trial, "0")])
    evaluations.store_results(evaluation, [result(trial, "99")])
    trial.refresh_from_db()
    assert (trial.outcome, trial.scores.count()) == ("passed", 1)


def test_results_leave_a_trace(evaluation):
    trial = evaluation.trials.first()
    events = [
        StepStarted(1, "answer"),
        TextDelta(1, "0"),
        ModelCalled(1, "m-1", {"messages": []}, "0", "", Usage(9, 1), Decimal("0.1"), "stop", 5, 40, 0),
        StepFinished(1, 40),
        Finished("0", "finished", Usage(9, 1)),
    ]
    done = result(
        trial, "0", events=events, usage=Usage(9, 1), cost=Decimal("0.1"), model="m-1", stop_reason="finished"
    )
    evaluations.store_results(evaluation, [done])
    trial.refresh_from_db()
    evaluation.refresh_from_db()
    assert (trial.trace.status, trial.trace.kind) == ("succeeded", "trial")
    assert trial.trace.model_calls.get().response == "0"
    assert trial.trace.steps.get().text == "0"
    assert (trial.input_tokens, trial.cost, evaluation.model_used) == (9, Decimal("0.1"), "m-1")


def test_a_waiting_evaluation_is_cancelled_at_once_and_a_running_one_is_asked(version, dataset):
    waiting, running = (plan_evaluation(version=version, dataset=dataset) for _ in range(2))
    claimed = evaluations.claim(running.pk)
    assert cancel_evaluation(evaluation=waiting).state == "cancelled"
    assert cancel_evaluation(evaluation=running).state == "running"
    assert evaluations.renew(running.pk, claimed.lease_expires_at).cancelled


def test_retrying_takes_up_errors_and_what_is_left_and_keeps_the_rest(evaluation):
    done = finish(evaluation, ["0", "", None], ["passed", "error"])
    assert summary(done).outcomes["error"] == 1
    again = retry_errors(evaluation=done)
    assert (again.state, again.runner, again.finished_at) == ("queued", "server", None)
    assert again.trials.left().count() == 9
    assert Trial.objects.get(outcome="passed").output == "0"
    assert not Trace.objects.exists()


def test_retrying_what_has_no_errors_changes_nothing(evaluation):
    done = finish(evaluation, right(10))
    assert retry_errors(evaluation=done).state == "done"


def test_what_runs_is_not_resumed(evaluation):
    evaluations.claim(evaluation.pk)
    with pytest.raises(PlanError, match="still running"):
        retry_errors(evaluation=evaluation)


def test_the_summary_is_the_object_of_the_contract(evaluation):
    found = summary(finish(evaluation, right(7))).to_json()
    assert list(found) == [
        "evaluation", "cases", "trials", "outcomes", "score", "interval", "cost", "seconds", "latency",
    ]  # fmt: skip
    assert (found["cases"], found["trials"], found["score"], found["cost"]) == (10, 10, 0.7, None)
    assert found["outcomes"] == {
        "passed": 7, "failed": 3, "unparseable": 0, "refused": 0, "truncated": 0, "error": 0, "skipped": 0,
    }  # fmt: skip
    assert found["interval"] == pytest.approx([0.3968, 0.8922], abs=1e-4)
    assert found["latency"] == {"p50": 1.0, "p75": 1.0, "p90": 1.0, "p95": 1.0}
    assert found["seconds"] >= 0


def test_errors_are_left_out_and_named_and_no_answer_counts_nothing(evaluation):
    outcomes = ["unparseable", "error", "skipped"]
    found = summary(finish(evaluation, ["", "", "", *right(10)[3:]], outcomes))
    assert found.score == pytest.approx(7 / 8)
    assert found.note == "8 of 10 scored: 1 errors, 1 skipped"
    assert found.waiting == 0


def test_an_evaluation_that_has_not_begun_has_no_numbers(evaluation):
    found = summary(evaluation)
    assert (found.score, found.interval, found.seconds, found.cost, found.waiting) == (None, None, None, None, 10)
    assert found.latency["p50"] is None


def test_how_far_off_numbers_are_on_average(evaluation):
    assert summary(finish(evaluation, ["1", "1", "4", *right(10)[3:]])).mean_absolute_error == pytest.approx(0.3)


def test_repeats_are_averaged_within_their_case(version, dataset):
    evaluation = plan_evaluation(version=version, dataset=dataset, repeats=2, limit=2)
    found = summary(finish(evaluation, ["0", "1", "0", "99"]))
    assert found.score == 0.75
    assert (found.cases, found.trials) == (2, 4)


def test_a_clear_difference_is_called_better_and_its_reverse_worse(version, dataset):
    low, high = (finish(plan_evaluation(version=version, dataset=dataset), right(count)) for count in (1, 9))
    better, worse = compare(low, high), compare(high, low)
    assert (better.verdict, worse.verdict) == ("better", "worse")
    assert better.sentence == (
        "The score is 80 points higher on 10 cases: 8 improved and 0 got worse. "
        "Chance alone would do this in about 0.8 % of such comparisons."
    )
    main = better.scorers[0]
    assert (main.improved, main.regressed, main.p) == (8, 0, 0.0078125)
    assert main.difference == pytest.approx(0.8)
    assert main.interval[0] < main.difference < main.interval[1] <= 1
    assert [row.change for row in better.rows] == ["same", *["improved"] * 8, "same"]


def test_a_small_difference_is_not_sure_yet_and_says_what_would_settle_it(version, dataset):
    a, b = (finish(plan_evaluation(version=version, dataset=dataset), right(count)) for count in (5, 7))
    found = compare(a, b)
    assert found.verdict == "not sure yet"
    assert "2 improved and 0 got worse of 10 cases: that may be chance." in found.sentence
    assert re.search(r"chance\. These cases .* points\. About \d+ cases would settle", found.sentence)


def test_only_cases_that_both_have_scored_are_compared(version, dataset):
    a = finish(plan_evaluation(version=version, dataset=dataset), right(10), ["error"])
    b = finish(plan_evaluation(version=version, dataset=dataset, split="test"), right(8))
    found = compare(a, b)
    assert found.scorers[0].cases == 7
    assert {row.case_key: row.change for row in found.rows if row.change != "same"} == {
        "c00": "error", "c08": "not compared", "c09": "not compared",
    }  # fmt: skip
    assert (found.shared, found.left_out) == (8, 2)
    assert "every one scores the same" in found.sentence


def test_both_sides_are_summed_up_over_the_cases_that_both_were_asked(version, dataset):
    a = finish(plan_evaluation(version=version, dataset=dataset), right(8))
    b = finish(plan_evaluation(version=version, dataset=dataset, limit=5), right(5))
    found = compare(a, b)
    assert (found.a.score, found.b.score) == (1, 1)
    assert found.a.trials == found.b.trials == 5


def test_a_case_that_was_edited_in_between_is_not_compared(version, dataset):
    a = finish(plan_evaluation(version=version, dataset=dataset), right(10))
    dataset.cases.filter(case_id="c03").update(expected=99)
    b = finish(plan_evaluation(version=version, dataset=dataset), right(10))
    found = compare(a, b)
    assert (found.shared, found.left_out) == (9, 1)
    assert [row.change for row in found.rows if row.case_key == "c03"] == ["not compared"]


def test_an_evaluation_is_not_compared_with_itself(evaluation):
    with pytest.raises(ComparisonError, match="same evaluation twice"):
        compare(evaluation, evaluation)


def test_evaluations_without_a_common_case_are_not_compared(version, dataset):
    other = import_cases(
        slug="other", text='{"id": "z", "inputs": {"question": "1"}, "expected": 1}', file_format="jsonl"
    )
    a = plan_evaluation(version=version, dataset=dataset)
    found = compare(a, plan_evaluation(version=version, dataset=other.dataset))
    assert "no case in common" in found.sentence
    assert (found.shared, found.a.score) == (0, None)


def test_evaluations_without_a_common_scorer_are_not_compared(version, dataset):
    a = plan_evaluation(version=version, dataset=dataset, scorers=["exact"])
    b = plan_evaluation(version=version, dataset=dataset)
    assert compare(a, b).verdict == "not sure yet"
    assert "no scorer in common" in compare(a, b).sentence
