"""The runner: bounded, patient in an outage, cancelled at once; nothing lost, nothing doubled."""

import asyncio
import time
from decimal import Decimal

import pytest

from agents.evals.runner import Patience, PlannedTrial, run_trials
from agents.evals.scorers import parse_scorer
from agents.runtime.answers import parse_output
from agents.runtime.errors import ModelError, PromptError
from agents.runtime.events import Finished, ModelCalled
from agents.runtime.llm import Usage

TRIALS = [PlannedTrial(number, {"question": str(number)}, str(number)) for number in range(20)]
QUICK = Patience(first_s=0.001, longest_s=0.002, total_s=0.05)


def called(text, finish_reason="stop"):
    return ModelCalled(
        step=1,
        model="m-1",
        request={},
        response=text,
        reasoning="",
        usage=Usage(10, 2),
        cost=Decimal("0.001"),
        finish_reason=finish_reason,
        first_token_ms=5,
        duration_ms=40,
        retries=0,
    )


class Echo:
    """Answers with the question, `latency_s` later; `faults` are raised first, one a call."""

    def __init__(self, *faults, latency_s=0.0, finish_reason="stop", stop_reason="finished", reply=None):
        self.faults, self.latency_s = list(faults), latency_s
        self.finish_reason, self.stop_reason, self.reply = finish_reason, stop_reason, reply
        self.calls = self.running = self.most = self.closed_early = 0

    async def run(self, inputs):
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.latency_s)
            if self.faults:
                raise self.faults.pop(0)
            text = inputs["question"] if self.reply is None else self.reply
            yield called(text, self.finish_reason)
            yield Finished(text, self.stop_reason, Usage(10, 2))
        except asyncio.CancelledError:
            self.closed_early += 1
            raise
        finally:
            self.running -= 1


async def run(target, trials=TRIALS, *, concurrency=4, scorers=("numeric", "exact"), patience=QUICK):
    results = []

    async def keep(result):
        results.append(result)

    await run_trials(
        trials,
        target=target,
        spec=parse_output({"kind": "number"}),
        scorers=[parse_scorer(name) for name in scorers],
        concurrency=concurrency,
        on_result=keep,
        patience=patience,
    )
    return results


async def test_every_trial_has_one_result_and_no_more_than_the_bound_run_at_once():
    target = Echo(latency_s=0.001)
    results = await run(target, concurrency=3)
    assert sorted(result.trial.key for result in results) == list(range(20))
    assert target.most == 3


async def test_a_result_has_what_the_pages_show():
    [result] = await run(Echo(), TRIALS[7:8])
    assert (result.outcome, result.output, result.extracted) == ("passed", "7", "7")
    assert {name: score.value for name, score in result.scores.items()} == {"numeric": 1.0, "exact": 1.0}
    assert (result.duration_ms, result.usage, result.cost) == (40, Usage(10, 2), Decimal("0.001"))
    assert (result.model, result.stop_reason, len(result.events)) == ("m-1", "finished", 2)


async def test_the_first_scorer_decides_whether_a_trial_passes():
    [result] = await run(Echo(reply="8"), TRIALS[7:8], scorers=("numeric:abs=1", "exact"))
    assert result.outcome == "passed"
    assert [score.value for score in result.scores.values()] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        (Echo(reply="8"), "failed"),
        (Echo(reply="no idea"), "unparseable"),
        (Echo(reply="I can't help with that."), "refused"),
        (Echo(reply="let me think", finish_reason="length"), "truncated"),
    ],
)
async def test_what_is_the_versions_fault_scores_nothing(target, outcome):
    [result] = await run(target, TRIALS[7:8])
    assert result.outcome == outcome
    assert [score.value for score in result.scores.values()] == [0.0, 0.0]


async def test_what_failed_for_another_reason_is_an_error_without_a_score():
    target = Echo(ModelError("auth", "The key was refused."), PromptError("missing:x", "x is missing"))
    first, second, third = await run(target, TRIALS[:3], concurrency=1)
    assert (first.outcome, first.error_code, first.error_detail) == ("error", "auth", "The key was refused.")
    assert (second.outcome, second.error_code) == ("error", "prompt")
    assert not first.scores
    assert third.outcome == "passed"


async def test_a_short_outage_loses_no_trial():
    target = Echo(*[ModelError("unreachable", "down", retryable=True)] * 6)
    results = await run(target)
    assert {result.outcome for result in results} == {"passed"}
    assert target.calls == 26


async def test_an_outage_that_goes_on_ends_in_errors():
    target = Echo(*[ModelError("overloaded", "busy", retryable=True)] * 10_000)
    results = await run(target, TRIALS[:2], concurrency=2)
    assert [result.error_code for result in results] == ["overloaded"] * 2
    assert target.calls < 400


@pytest.mark.parametrize(("code", "outcome"), [("protocol", "unparseable"), ("content_filter", "refused")])
async def test_an_empty_reply_is_the_versions_fault_and_not_repeated(code, outcome):
    class Empty(Echo):
        async def run(self, inputs):
            self.calls += 1
            yield called("", code)
            raise ModelError(code, "no answer", retryable=True)

    target = Empty()
    [result] = await run(target, TRIALS[:1])
    assert (result.outcome, target.calls, result.scores["numeric"].value) == (outcome, 1, 0.0)


async def test_an_empty_reply_of_a_stream_that_broke_off_is_not_the_versions_fault():
    class Breaks(Echo):
        async def run(self, inputs):
            yield called("", "truncated")
            raise ModelError("protocol", "no answer", retryable=True)

    [result] = await run(Breaks(), TRIALS[:1])
    assert (result.outcome, result.error_code, result.scores) == ("error", "protocol", {})


async def test_a_timeout_is_not_repeated():
    target = Echo(ModelError("timeout", "too slow", retryable=True))
    [result] = await run(target, TRIALS[:1])
    assert (result.error_code, target.calls) == ("timeout", 1)


@pytest.mark.parametrize("reply", ["It could be", "Answer: 7"])
@pytest.mark.parametrize("limit", ["timeout", "token_budget", "cost_budget"])
async def test_what_is_stopped_at_a_limit_is_an_error_whatever_it_said_until_then(reply, limit):
    target = Echo(reply=reply, stop_reason=limit)
    [result] = await run(target, TRIALS[7:8])
    assert (result.outcome, result.error_code, result.scores) == ("error", limit, {})
    assert (result.output, result.stop_reason, target.calls) == (reply, limit, 1)


async def test_a_version_that_runs_out_of_steps_has_not_answered():
    [result] = await run(Echo(reply="I stopped early", stop_reason="max_steps"), TRIALS[7:8])
    assert (result.outcome, result.scores["numeric"].value) == ("unparseable", 0.0)


async def test_a_stream_that_broke_off_is_asked_for_once_more():
    class Recovers(Echo):
        async def run(self, inputs):
            self.finish_reason = "stop" if self.calls else "truncated"
            async for event in super().run(inputs):
                yield event

    target = Recovers()
    [result] = await run(target, TRIALS[7:8])
    assert (result.outcome, target.calls) == ("passed", 2)


async def test_a_stream_that_breaks_off_every_time_is_an_error():
    target = Echo(reply="1", finish_reason="truncated")
    [result] = await run(target, TRIALS[17:18])
    assert (result.outcome, result.error_code, result.output) == ("error", "broken_off", "1")
    assert (result.scores, target.calls) == ({}, 2)


async def test_a_case_without_an_expected_answer_is_skipped_without_a_call():
    target = Echo()
    [result] = await run(target, [PlannedTrial(1, {"question": "?"}, None)])
    assert (result.outcome, target.calls) == ("skipped", 0)


async def test_cancelling_ends_every_call_at_once():
    target = Echo(latency_s=60)
    task = asyncio.create_task(run(target))
    while target.running < 4:
        await asyncio.sleep(0)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1
    assert (target.running, target.closed_early, target.calls) == (0, 4, 4)
