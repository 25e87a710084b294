"""The evaluator: carries evaluations to their end, survives what may happen on the way."""

import asyncio
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError
from django.utils import timezone

from agents import build
from agents.evaluator import run_evaluation, serve_evaluations
from agents.models import Evaluation, Trial
from agents.runtime.errors import RunError
from agents.runtime.scripted import ScriptedLLM
from agents.services import evaluations
from agents.services.datasets import import_cases
from agents.services.prompts import import_prompt
from config.db import in_db

pytestmark = pytest.mark.django_db(transaction=True)

FILE = {"slug": "sums", "messages": [{"role": "user", "content": "{{ question }}"}], "output": {"kind": "number"}}
CASES = "\n".join(f'{{"id": "c{n}", "inputs": {{"question": "{n}"}}, "expected": "7"}}' for n in range(12))


@pytest.fixture
def plan(transactional_db):
    version = import_prompt(data=FILE).version
    dataset = import_cases(slug="sevens", text=CASES, file_format="jsonl").dataset

    def make(**options):
        return evaluations.plan_evaluation(version=version, dataset=dataset, **options)

    return make


def reread(evaluation):
    return Evaluation.objects.get(pk=evaluation.pk)


async def until(condition):
    """Wait for something that others bring about."""
    async with asyncio.timeout(10):
        while not await in_db(condition):
            await asyncio.sleep(0.02)


async def test_an_evaluation_runs_to_its_end(plan):
    evaluation = await in_db(plan)
    stored = []

    assert await run_evaluation(evaluation.pk, llm=ScriptedLLM("Answer: 7"), on_progress=stored.extend)

    found = await in_db(lambda: evaluations.summary(reread(evaluation)))
    assert (found.score, found.outcomes["passed"], found.waiting, len(stored)) == (1.0, 12, 0, 12)
    done = await in_db(reread, evaluation)
    assert (done.state, done.model_used, done.lease_expires_at) == ("done", "scripted", None)


async def test_an_evaluation_that_somebody_holds_is_left_alone(plan):
    evaluation = await in_db(plan)
    await in_db(evaluations.claim, evaluation.pk)
    assert not await run_evaluation(evaluation.pk, llm=ScriptedLLM("7"))


async def test_only_what_is_left_is_asked(plan):
    evaluation = await in_db(plan)
    await in_db(lambda: evaluation.trials.filter(case_key__in=["c0", "c1"]).update(outcome="failed"))
    llm = ScriptedLLM("Answer: 7")
    await run_evaluation(evaluation.pk, llm=llm)
    assert len(llm.requests) == 10
    assert await in_db(Trial.objects.filter(outcome="failed").count) == 2


async def test_cancelling_takes_effect_within_a_second_and_keeps_what_is_done(plan):
    evaluation = await in_db(lambda: plan(concurrency=1))
    llm = ScriptedLLM("Answer: 7", delay_s=0.03)
    task = asyncio.create_task(run_evaluation(evaluation.pk, llm=llm))
    await until(Trial.objects.exclude(outcome=None).exists)
    await in_db(lambda: evaluations.cancel_evaluation(evaluation=evaluation))
    async with asyncio.timeout(1.5):
        await task
    done = await in_db(reread, evaluation)
    assert (done.state, done.lease_expires_at) == ("cancelled", None)
    kept = await in_db(Trial.objects.exclude(outcome=None).count)
    assert 1 <= kept < 12


async def test_when_the_process_stops_what_is_done_is_kept_and_the_rest_given_back(plan):
    evaluation = await in_db(lambda: plan(concurrency=1))
    task = asyncio.create_task(run_evaluation(evaluation.pk, llm=ScriptedLLM("Answer: 7", delay_s=0.03)))
    await until(Trial.objects.exclude(outcome=None).exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    given_back = await in_db(reread, evaluation)
    assert (given_back.state, given_back.lease_expires_at) == ("queued", None)
    llm = ScriptedLLM("Answer: 7")
    kept = await in_db(Trial.objects.exclude(outcome=None).count)
    await run_evaluation(evaluation.pk, llm=llm)
    assert len(llm.requests) == 12 - kept


async def test_a_model_that_is_missing_leaves_errors_that_can_be_retried(plan, monkeypatch):
    async def no_model(name):
        raise RunError("no_model", "No model is connected.")

    monkeypatch.setattr(build.language_models, "llm_for", no_model)
    evaluation = await in_db(plan)
    await run_evaluation(evaluation.pk)
    found = await in_db(lambda: evaluations.summary(reread(evaluation)))
    assert (found.score, found.outcomes["error"]) == (None, 12)
    trial = await in_db(Trial.objects.first)
    assert (trial.error_code, trial.error_detail) == ("no_model", "No model is connected.")


async def test_a_bug_ends_the_evaluation_instead_of_repeating_it(plan, monkeypatch, caplog):
    async def broken(name):
        raise ZeroDivisionError

    monkeypatch.setattr(build.language_models, "llm_for", broken)
    evaluation = await in_db(plan)
    await run_evaluation(evaluation.pk)
    assert (await in_db(reread, evaluation)).state == "done"
    assert await in_db(Trial.objects.filter(error_code="internal").count) == 12
    assert "ZeroDivisionError" in caplog.text


async def test_the_server_runs_what_waits_and_what_was_left_behind(plan, monkeypatch):
    async def llm_for(name):
        return ScriptedLLM("Answer: 7")

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    waiting, abandoned, command = [await in_db(plan) for _ in range(3)]
    long_ago = timezone.now() - timedelta(minutes=1)
    await in_db(lambda: Evaluation.objects.filter(pk=abandoned.pk).update(state="running", lease_expires_at=long_ago))
    await in_db(lambda: Evaluation.objects.filter(pk=command.pk).update(runner="command"))

    stopping = asyncio.Event()
    server = asyncio.create_task(serve_evaluations(stopping))
    await until(lambda: Evaluation.objects.filter(state="done").count() == 2)
    stopping.set()
    await server

    assert {(await in_db(reread, e)).state for e in (waiting, abandoned)} == {"done"}
    assert (await in_db(reread, command)).state == "queued"
    assert await in_db(Trial.objects.filter(outcome="passed").count) == 24


async def test_a_result_that_cannot_be_stored_costs_its_own_trial_only(plan, monkeypatch):
    evaluation = await in_db(plan)
    store = evaluations.store_results

    def refuse(evaluation, results):
        if any(result.trial.inputs["question"] == "3" and result.outcome != "error" for result in results):
            raise ValueError("a value that no database takes")
        return store(evaluation, results)

    monkeypatch.setattr(evaluations, "store_results", refuse)
    llm = ScriptedLLM("Answer: 7")

    await run_evaluation(evaluation.pk, llm=llm)

    found = await in_db(lambda: evaluations.summary(reread(evaluation)))
    assert (found.outcomes["passed"], found.outcomes["error"], found.waiting) == (11, 1, 0)
    assert len(llm.requests) == 12


async def test_others_get_their_turn_to_write_between_batches(plan, monkeypatch):
    evaluation = await in_db(lambda: plan(repeats=20, concurrency=100))
    store, moments = evaluations.store_results, []

    def watched(evaluation, results):
        began = time.monotonic()
        store(evaluation, results)
        moments.append((began, time.monotonic(), len(results)))

    monkeypatch.setattr(evaluations, "store_results", watched)

    await run_evaluation(evaluation.pk, llm=ScriptedLLM("Answer: 7"))

    assert sum(size for *_, size in moments) == 240
    assert max(size for *_, size in moments) <= 100
    assert all(later[0] - earlier[1] > 0.1 for earlier, later in pairwise(moments))


async def test_a_database_that_stumbles_loses_no_result(plan, monkeypatch):
    evaluation = await in_db(plan)
    store, failures = evaluations.store_results, iter([True])

    def stumble(evaluation, results):
        if next(failures, False):
            raise OperationalError("database is locked")
        return store(evaluation, results)

    monkeypatch.setattr(evaluations, "store_results", stumble)
    llm = ScriptedLLM("Answer: 7", delay_s=0.001)

    while (await in_db(reread, evaluation)).finished_at is None:
        await run_evaluation(evaluation.pk, llm=llm)

    found = await in_db(lambda: evaluations.summary(reread(evaluation)))
    assert (found.outcomes["passed"], found.waiting) == (12, 0)


async def test_the_server_goes_on_looking_after_a_failure(plan, monkeypatch):
    evaluation = await in_db(plan)
    claim, failures = evaluations.claim_next, iter([True])

    def stumble():
        if next(failures, False):
            raise OperationalError("database is locked")
        return claim()

    async def llm_for(name):
        return ScriptedLLM("Answer: 7")

    monkeypatch.setattr(evaluations, "claim_next", stumble)
    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    monkeypatch.setattr("agents.evaluator.LOOK_S", 0.01)
    stopping = asyncio.Event()
    server = asyncio.create_task(serve_evaluations(stopping))

    await until(lambda: reread(evaluation).finished_at is not None)
    stopping.set()
    await server

    assert (await in_db(lambda: evaluations.summary(reread(evaluation)))).outcomes["passed"] == 12
