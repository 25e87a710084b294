"""Strategies at a limit: what was found so far is not lost, and what was only reasoned is no answer."""

import pytest

from agents.runtime.errors import RunError
from agents.runtime.events import ModelCalled, Notice
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.fakes import finished, only, steps

GOES_ON = "Reasoning goes on and on. " * 200
ONE = Capabilities(n=False)
PLAN = '{"subquestions": ["How many pens are there?", "How many are given away?"]}'


def answers(events):
    return [text for kind, text in steps(events) if kind == "answer"]


@pytest.mark.parametrize(
    ("strategy", "options"), [("zero_shot_cot", {}), ("zero_shot_cot", {"two_stage": True}), ("few_shot_cot", {})]
)
async def test_reasoning_without_an_answer_gets_a_last_call(ask, strategy, options):
    llm = Slow(GOES_ON, "It is 10.")
    events = await ask(llm, strategy, limits=Limits(timeout_s=0.3), strategy_options=options)
    end = finished(events)
    assert (end.answer, end.stop_reason, end.extraction.value) == ("It is 10.", "timeout", "10")
    assert end.outcome == only(events, ModelCalled)[-1].outcome == "parsed"
    assert answers(events) == ["It is 10."]
    assert llm.requests[1].messages[-2].content.startswith("Reasoning goes on")
    assert "Stop here" in llm.requests[1].messages[-1].content


async def test_a_fixed_sentence_ends_it_where_the_agent_says_so(ask):
    llm = Slow(GOES_ON)
    events = await ask(llm, "zero_shot_cot", limits=Limits(timeout_s=0.3, on_limit="force"))
    end = finished(events)
    assert end.answer == "I stopped after 0.3 seconds without a complete answer."
    assert (end.outcome, end.extraction.value) == ("failed", None)
    assert (len(llm.requests), [n.code for n in only(events, Notice)]) == (1, ["timeout"])


async def test_parts_that_are_answered_are_what_the_last_call_has(ask):
    part = reply("3 * 4 = 12\nAnswer: 12", usage=Usage(400, 400))
    llm = ScriptedLLM(PLAN, part, "Probably 10.")
    events = await ask(llm, "least_to_most", limits=Limits(max_total_tokens=1000))
    assert (finished(events).answer, finished(events).stop_reason) == ("Probably 10.", "token_budget")
    assert llm.requests[-1].messages[-2].content == "3 * 4 = 12\nAnswer: 12"


async def test_an_answer_that_was_being_written_stays_the_answer(ask):
    llm = Slow("3 * 4 - 2 is ten.", "so it is 10 and nothing else " * 90)
    events = await ask(llm, "zero_shot_cot", limits=Limits(timeout_s=0.5), strategy_options={"two_stage": True})
    assert finished(events).answer.startswith("so it is 10")
    assert answers(events) == [finished(events).answer]


async def test_nothing_said_is_a_failure_that_can_be_tried_again(ask):
    with pytest.raises(RunError) as failed:
        await ask(ScriptedLLM("x", delay_s=9), "zero_shot_cot", limits=Limits(timeout_s=0.05))
    assert (failed.value.code, failed.value.retryable) == ("timeout", True)


async def test_a_vote_that_was_decided_keeps_its_value(ask):
    drawn = reply("Answer: 10", usage=Usage(300, 300))
    llm = ScriptedLLM(drawn, capabilities=ONE)
    limits = Limits(max_total_tokens=1500)
    events = await ask(llm, "self_consistency", limits=limits, strategy_options={"samples": 9, "early_stop": False})
    end = finished(events)
    assert (end.answer, end.stop_reason, end.extraction.value) == ("10", "token_budget", "10")


class Slow(ScriptedLLM):
    """Takes its time over the first reply that is longer than a line."""

    async def stream(self, request):
        self.delay_s = 0.01 if len(self.replies[min(len(self.requests), len(self.replies) - 1)]) > 200 else 0
        async for chunk in super().stream(request):
            yield chunk
