"""Several samples and a vote."""

import asyncio
from contextlib import aclosing

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalled, Notice, StepStarted
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, Choice, Reply, TextChunk, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.strategies.picking import choice_in
from tests.agents.runtime.fakes import finished, only, steps

ONE_BY_ONE = Capabilities(n=False)


def say(number):
    return f"It is {number}.\nAnswer: {number}"


def of_kind(events, kind):
    return [text for step_kind, text in steps(events) if step_kind == kind]


async def test_the_answer_on_which_most_agree_wins(ask):
    llm = ScriptedLLM(say(10), say(12), say(10), say("10.0"), say(14), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"early_stop": False})
    end = finished(events)
    assert (end.answer, end.extraction.value) == ("10", "10")
    assert len(of_kind(events, "sample")) == 5
    assert of_kind(events, "vote") == ["10: 3 of 5\n12: 1 of 5\n14: 1 of 5\nAgreement: 60%"]
    assert {request.parameters["temperature"] for request in llm.requests} == {0.7}


async def test_samples_that_can_not_change_the_vote_are_not_drawn(ask):
    llm = ScriptedLLM(say(10), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency")
    assert len(llm.requests) == 3
    assert of_kind(events, "vote") == ["10: 3 of 3\nAgreement: 100%"]


async def test_each_call_has_a_seed_of_its_own(ask):
    llm = ScriptedLLM(say(10), say(11), say(12), capabilities=ONE_BY_ONE)
    await ask(llm, "self_consistency", parameters={"seed": 7}, strategy_options={"samples": 3})
    assert sorted(request.parameters["seed"] for request in llm.requests) == [7, 8, 9]


async def test_samples_run_side_by_side(ask):
    llm = ScriptedLLM(say(10), capabilities=ONE_BY_ONE, delay_s=0.001)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 4, "early_stop": False})
    started = [event for event in events if isinstance(event, StepStarted | ModelCalled)]
    assert [type(event) for event in started[:4]] == [StepStarted] * 4


async def test_one_request_draws_several_where_the_server_can(ask):
    choices = tuple(Choice(say(n), "stop") for n in (10, 12, 10))
    whole = Reply(say(10), "stop", Usage(10, 30), "scripted", choices=choices)
    llm = ScriptedLLM(whole)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    assert [request.n for request in llm.requests] == [3]
    assert of_kind(events, "sample") == [say(10), say(12), say(10)]
    assert finished(events).extraction.value == "10"


async def test_what_a_server_leaves_out_is_asked_for_one_by_one(ask):
    llm = ScriptedLLM(say(10))
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    assert [request.n for request in llm.requests] == [3, 1, 1]
    assert of_kind(events, "vote") == ["10: 3 of 3\nAgreement: 100%"]


async def test_a_sample_that_was_cut_off_abstains(ask):
    cut = reply("It is 12.\nAnswer: 12", finish_reason="length")
    llm = ScriptedLLM(cut, cut, say(10), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    assert finished(events).extraction.value == "10"
    assert of_kind(events, "vote") == ["10: 1 of 3\nwithout an answer: 2 of 3\nAgreement: 100%"]


async def test_equal_votes_go_to_the_first_and_that_is_said(ask):
    llm = ScriptedLLM(say(12), say(10), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 2, "early_stop": False})
    assert "Equal votes; 12 is taken because it came first." in of_kind(events, "vote")[0]


async def test_the_model_may_pick_the_best(ask):
    llm = ScriptedLLM("red", "blue", "azure", '{"reason": "two say blue", "choice": 1}', capabilities=ONE_BY_ONE)
    options = {"samples": 3, "pick": "model"}
    events = await ask(llm, "self_consistency", strategy_options=options, output={"kind": "text"})
    judged = llm.requests[3]
    assert judged.parameters["temperature"] == 0
    assert judged.messages[-1].content.count("Reply ") >= 3
    (told,) = of_kind(events, "vote")
    assert told.startswith("The model chose sample ") and told.endswith("two say blue")
    chosen = int(told.split("sample ")[1][0])
    assert finished(events).answer == ["red", "blue", "azure"][chosen - 1]


async def test_a_choice_that_does_not_exist_falls_back_to_the_vote(ask):
    llm = ScriptedLLM(say(10), say(12), say(12), '{"choice": 9}', capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "pick": "model"})
    assert finished(events).extraction.value == "12"


async def test_an_answer_with_little_agreement_is_called_unsure(ask):
    llm = ScriptedLLM(say(10), say(11), say(12), capabilities=ONE_BY_ONE)
    options = {"samples": 3, "min_agreement": 0.5}
    events = await ask(llm, "self_consistency", strategy_options=options)
    assert "unsure" in finished(events).flags
    assert "unsure" in [notice.code for notice in only(events, Notice)]


async def test_no_answer_in_any_sample_is_said(ask):
    llm = ScriptedLLM("I don't know.", capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 2, "early_stop": False})
    end = finished(events)
    assert (end.answer, end.extraction.value) == ("I don't know.", None)
    assert "no_answer" in [notice.code for notice in only(events, Notice)]


async def test_a_sample_that_fails_leaves_the_others(ask):
    llm = ScriptedLLM(ModelError("overloaded", "Busy."), say(10), say(10), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    assert of_kind(events, "vote") == ["10: 2 of 2\nAgreement: 100%"]


async def test_a_model_that_always_fails_fails_the_run(ask):
    with pytest.raises(ModelError):
        await ask(ScriptedLLM(ModelError("overloaded", "Busy."), capabilities=ONE_BY_ONE), "self_consistency")


async def test_at_a_limit_the_samples_that_are_there_decide(ask):
    usage = Usage(100, 100)
    llm = ScriptedLLM(reply(say(10), usage=usage), capabilities=ONE_BY_ONE)
    options = {"samples": 9, "early_stop": False}
    events = await ask(llm, "self_consistency", strategy_options=options, limits=Limits(max_total_tokens=700))
    end = finished(events)
    assert (end.answer, end.stop_reason) == ("10", "token_budget")
    assert len(llm.requests) < 9


class BreaksOff(ScriptedLLM):
    """Draws two whole samples at once and a piece of the third, and then does this."""

    def __init__(self, ending):
        super().__init__(say(10), capabilities=Capabilities())
        self.ending = ending

    async def stream(self, request):
        self.requests.append(request)
        if request.n == 1:
            yield TextChunk(say(12))
            yield reply(say(12))
            return
        for place, number in enumerate((10, 10)):
            yield TextChunk(say(number), choice=place)
            yield TextChunk("", choice=place, finish_reason="stop")
        yield TextChunk("It is 1", choice=2)
        await self.ending()


async def never():
    await asyncio.Event().wait()


async def lost():
    raise ModelError("unreachable", "The connection was lost.")


async def test_samples_that_were_whole_before_the_time_was_over_still_vote(ask):
    events = await ask(BreaksOff(never), "self_consistency", limits=Limits(timeout_s=0.2))
    end = finished(events)
    assert (end.answer, end.stop_reason, end.samples) == ("10", "timeout", ("10", "10"))


async def test_samples_that_were_whole_before_the_server_failed_are_not_drawn_again(ask):
    llm = BreaksOff(lost)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    assert [request.n for request in llm.requests] == [3, 1]
    assert finished(events).samples == ("10", "10", "12")


async def test_stop_ends_all_calls(ask):
    llm = ScriptedLLM(say(10) * 50, capabilities=ONE_BY_ONE, delay_s=0.01)
    seen = []
    task = asyncio.create_task(ask(llm, "self_consistency", into=seen))
    while len(only(seen, StepStarted)) < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert llm.closed_early == 3


async def test_leaving_the_stream_ends_all_calls():
    from agents.runtime.interleaving import interleaved

    closed = []

    async def endless(name):
        try:
            while True:
                yield name
                await asyncio.sleep(0)
        finally:
            closed.append(name)

    async with aclosing(interleaved([endless("a"), endless("b")], at_once=2)) as items:
        assert {await anext(items), await anext(items)} <= {"a", "b"}
    assert sorted(closed) == ["a", "b"]


async def test_a_limit_lets_those_end_that_are_under_way_and_counts_them(ask):
    usage = Usage(30, 30)
    llm = ScriptedLLM(reply(say(10), usage=usage), capabilities=ONE_BY_ONE, delay_s=0.001)
    options = {"samples": 12, "early_stop": False}
    events = await ask(llm, "self_consistency", strategy_options=options, limits=Limits(max_total_tokens=150))
    end = finished(events)
    assert end.stop_reason == "token_budget"
    assert len(only(events, ModelCalled)) == len(llm.requests) == len(end.samples)
    assert llm.closed_early == 0


async def test_how_the_answers_own_reply_ended_is_what_counts(ask):
    cut = reply("It is 7", finish_reason="content_filter")
    llm = ScriptedLLM(say(10), say(10), cut, capabilities=ONE_BY_ONE)
    end = finished(await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False}))
    assert (end.answer, end.flags, end.samples[:2]) == ("10", (), ("10", "10"))


async def test_a_refusal_does_not_vote(ask):
    refusal = reply("I can't help with 911.", refused=True)
    llm = ScriptedLLM(refusal, refusal, say(10), capabilities=ONE_BY_ONE)
    end = finished(await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False}))
    assert (end.extraction.value, end.samples) == ("10", (None, None, "10"))


async def test_a_judge_that_fails_leaves_the_majority(ask):
    llm = ScriptedLLM(say(12), say(10), say(10), ModelError("overloaded", "Busy."), capabilities=ONE_BY_ONE)
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "pick": "model"})
    assert finished(events).extraction.value == "10"
    assert of_kind(events, "vote") == ["The model could not be asked; number 2 is taken."]


async def test_a_second_wave_that_fails_leaves_the_first(ask):
    choices = tuple(Choice(say(n), "stop") for n in (10, 11, 12))
    whole = Reply(say(10), "stop", Usage(10, 30), "scripted", choices=choices)
    llm = ScriptedLLM(whole, ModelError("overloaded", "Busy."))
    events = await ask(llm, "self_consistency", strategy_options={"samples": 5})
    assert finished(events).samples == ("10", "11", "12")


async def test_free_text_is_given_back_whole(ask):
    essay = "A first line of the essay.\n\nAnd a second paragraph."
    llm = ScriptedLLM(essay, essay, '{"reason": "same", "choice": 1}', capabilities=ONE_BY_ONE)
    options = {"samples": 2, "pick": "model"}
    end = finished(await ask(llm, "self_consistency", strategy_options=options, output={"kind": "text"}))
    assert end.answer == essay


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ('{"reason": "x", "choice": 2}', 2),
        ('```json\n{"choice": 3}\n```', 3),
        ("Replies 1 and 3 agree.", None),
        ('{"choice": 9}', None),
        ('{"choice": true}', None),
        ('{"choice": 1e999}', None),
        ("[" * 5000, None),
        ('<think>{"choice": 1}</think>{"choice": 2}', 2),
        ("", None),
    ],
)
def test_the_choice_is_what_the_json_says(said, choice):
    assert choice_in(said, 3)[0] == choice


async def test_a_sample_that_the_filter_cut_does_not_vote(ask):
    filtered = reply("Answer: 7", finish_reason="content_filter")
    llm = ScriptedLLM(filtered, "Answer: 3", "Answer: 3", capabilities=Capabilities(n=False))
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3, "early_stop": False})
    end = finished(events)
    assert (end.answer, end.samples) == ("3", (None, "3", "3"))
    assert [call.outcome for call in only(events, ModelCalled)] == ["refused", "parsed", "parsed"]


async def test_where_nothing_has_a_value_a_sample_with_text_is_shown(ask):
    llm = ScriptedLLM("", "no idea", "", capabilities=Capabilities(n=False))
    events = await ask(llm, "self_consistency", strategy_options={"samples": 3})
    assert (finished(events).answer, finished(events).outcome) == ("no idea", "failed")
