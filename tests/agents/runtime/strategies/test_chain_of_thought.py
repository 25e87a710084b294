"""Reasoning before the answer: in one call, in two, and by examples."""

from contextlib import suppress

import pytest

from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import ModelCalled, Notice, StepStarted, TextDelta
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.fakes import finished, only, steps

REASONED = "There are 3 * 4 = 12 pens.\nAfter giving 2 away there are 10.\nAnswer: 10 pens"


async def test_reasoning_is_a_thought_and_what_follows_the_label_the_answer(ask):
    events = await ask(ScriptedLLM(REASONED), "zero_shot_cot")
    assert steps(events) == [
        ("thought", "There are 3 * 4 = 12 pens.\nAfter giving 2 away there are 10.\n"),
        ("answer", "10 pens"),
    ]
    end = finished(events)
    assert (end.answer, end.extraction.value, end.outcome) == ("10 pens", "10", "parsed")
    assert [call.outcome for call in only(events, ModelCalled)] == ["parsed"]


async def test_the_label_never_shows_while_it_streams(ask):
    events = await ask(ScriptedLLM("Let me see.\n**Answer:** 10"), "zero_shot_cot")
    assert "nswer" not in "".join(delta.text for delta in only(events, TextDelta))
    assert steps(events)[-1] == ("answer", "10")


async def test_a_word_that_only_begins_like_the_label_is_text(ask):
    events = await ask(ScriptedLLM("Answers differ.\nAnswering this: 12 - 2.\nAnswer: 10"), "zero_shot_cot")
    assert steps(events) == [("thought", "Answers differ.\nAnswering this: 12 - 2.\n"), ("answer", "10")]


async def test_a_later_answer_line_takes_the_earlier_one_back(ask):
    events = await ask(ScriptedLLM("Answer: 12\nWait, 2 are given away.\nAnswer: 10"), "zero_shot_cot")
    assert ("thought", "12\nWait, 2 are given away.\n") in steps(events)
    end = finished(events)
    assert (end.answer, end.extraction.value) == ("10", "10")


async def test_an_answer_on_the_line_below_its_label_is_found(ask):
    events = await ask(ScriptedLLM("3 * 4 - 2\nAnswer:\n10"), "zero_shot_cot")
    assert steps(events) == [("thought", "3 * 4 - 2\n"), ("answer", "10")]


async def test_without_an_answer_line_the_number_that_was_found_answers(ask):
    events = await ask(ScriptedLLM("So 12 - 2 leaves 10."), "zero_shot_cot")
    assert steps(events) == [("thought", "So 12 - 2 leaves 10."), ("answer", "10")]
    assert finished(events).extraction.value == "10"


async def test_free_text_without_an_answer_line_is_the_answer(ask):
    events = await ask(ScriptedLLM("Because light is bent."), "zero_shot_cot", output={"kind": "text"})
    assert [step for step in steps(events) if step[1]] == [("answer", "Because light is bent.")]


async def test_a_reply_without_any_answer_is_asked_for_once_more_in_a_form_that_must_parse(ask):
    llm = ScriptedLLM("I would count them.", '{"answer": 10}')
    events = await ask(llm, "zero_shot_cot")
    end = finished(events)
    assert (end.answer, end.extraction.value, end.outcome) == ("10", "10", "reasked")
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "reasked"]
    assert [notice.code for notice in only(events, Notice)] == ["format_correction"]
    assert ("thought", "I would count them.") in steps(events)
    assert llm.requests[1].response_format["type"] == "json_schema"
    assert [message.role for message in llm.requests[1].messages[-2:]] == ["assistant", "user"]


async def test_a_server_without_schemas_is_asked_in_plain_words(ask):
    llm = ScriptedLLM("I would count them.", "10", capabilities=Capabilities(json_schema=False))
    end = finished(await ask(llm, "zero_shot_cot"))
    assert (end.extraction.value, llm.requests[1].response_format) == ("10", None)


async def test_a_reply_that_stays_without_an_answer_is_kept_and_said_to_have_failed(ask):
    events = await ask(ScriptedLLM("I would count them.", "No idea."), "direct")
    end = finished(events)
    assert (end.answer, end.extraction.value, end.outcome) == ("I would count them.", None, "failed")
    assert [step for step in steps(events) if step[0] == "answer" and step[1]] == [("answer", "I would count them.")]


async def test_reasoning_that_was_cut_off_has_no_answer(ask):
    events = await ask(ScriptedLLM(reply("There are 3 * 4 = 12", finish_reason="length")), "zero_shot_cot")
    end = finished(events)
    assert (end.extraction.value, end.outcome, end.flags) == (None, "truncated", ("truncated",))
    assert len(only(events, ModelCalled)) == 1


async def test_examples_show_their_reasoning_and_the_question_comes_last(ask):
    llm = ScriptedLLM(REASONED)
    examples = [{"inputs": {"input": "1 + 1?"}, "reasoning": "One and one are two.", "output": "2"}]
    await ask(llm, "few_shot_cot", examples=examples)
    asked = [message.content for message in llm.requests[0].messages[1:]]
    assert asked[:2] == ["1 + 1?", "One and one are two.\nAnswer: 2"]


class TestTwoStages:
    async def run(self, ask, *replies, **fields):
        llm = ScriptedLLM(*replies)
        return llm, await ask(llm, "zero_shot_cot", strategy_options={"two_stage": True}, **fields)

    async def test_the_reasoning_is_one_call_and_the_answer_another(self, ask):
        llm, events = await self.run(ask, "3 * 4 is 12, minus 2 is 10.", "10")
        assert steps(events) == [("thought", "3 * 4 is 12, minus 2 is 10."), ("answer", "10")]
        assert finished(events).extraction.value == "10"
        first, second = llm.requests
        assert "step by step" in first.messages[-1].content
        assert "Answer:" not in first.messages[0].content
        assert [message.role for message in second.messages] == ["system", "user", "assistant", "user"]
        assert second.messages[2].content == "3 * 4 is 12, minus 2 is 10."
        assert second.messages[3].content == "Give only the final answer, as a number."
        assert second.max_tokens == 32

    async def test_reasoning_that_was_cut_off_leads_to_no_second_call(self, ask):
        llm, events = await self.run(ask, reply("3 * 4 is 12, min", finish_reason="length"))
        assert (len(llm.requests), finished(events).outcome) == (1, "truncated")
        assert finished(events).answer == "3 * 4 is 12, min"


@pytest.mark.parametrize("strategy", ["direct", "zero_shot_cot"])
async def test_every_split_of_a_reply_ends_in_the_same_steps(ask, strategy, monkeypatch):
    ends = set()
    for size in (1, 2, 3, 5, 7, 11, 400):
        monkeypatch.setattr("agents.runtime.scripted.CHUNK", size)
        events = await ask(ScriptedLLM(f"<think>hm</think>{REASONED}\nBecause."), strategy)
        assert len(only(events, StepStarted)) == len(steps(events))
        ends.add(tuple(steps(events)))
    assert len(ends) == 1


async def test_a_correction_that_fails_leaves_the_first_reply(ask):
    events = await ask(ScriptedLLM("I would count them.", ModelError("overloaded", "Busy.")), "direct")
    end = finished(events)
    assert (end.answer, end.outcome) == ("I would count them.", "failed")
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "failed"]


async def test_a_limit_before_the_correction_leaves_the_first_reply(ask):
    first = reply("I would count them.", usage=Usage(50, 50))
    events = await ask(ScriptedLLM(first), "direct", limits=Limits(max_total_tokens=110))
    end = finished(events)
    assert (end.answer, end.stop_reason) == ("I would count them.", "token_budget")
    assert ("answer", "I would count them.") in steps(events)


async def test_what_was_only_thought_is_no_answer(ask):
    with pytest.raises(ModelError, match="empty answer"):
        await ask(ScriptedLLM(reply("", reasoning="It must be 10.")), "zero_shot_cot")


async def test_thinking_never_becomes_the_answer(ask):
    events = await ask(ScriptedLLM("<think>hm</think>I would count them.", "No idea."), "zero_shot_cot")
    assert finished(events).answer == "I would count them."


async def test_a_limit_between_the_two_stages_leaves_the_reasoning(ask):
    first = reply("3 * 4 is 12, minus 2 is 10.", usage=Usage(60, 60))
    options = {"two_stage": True}
    events = await ask(
        ScriptedLLM(first), "zero_shot_cot", strategy_options=options, limits=Limits(max_total_tokens=130)
    )
    end = finished(events)
    assert (end.answer, end.stop_reason) == ("3 * 4 is 12, minus 2 is 10.", "token_budget")
    assert steps(events)[-1] == ("answer", "3 * 4 is 12, minus 2 is 10.")


@pytest.mark.parametrize("declined", [{"refused": True}, {"finish_reason": "content_filter"}])
async def test_reasoning_that_was_declined_is_followed_by_no_second_call(ask, declined):
    llm = ScriptedLLM(reply("I can't help with that.", **declined), "12")
    into = []
    with suppress(RunError):
        await ask(llm, "zero_shot_cot", strategy_options={"two_stage": True}, into=into)
    assert [call.outcome for call in only(into, ModelCalled)] == ["refused"]
