"""Plain chat: one call, streamed."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.runtime.agents.conversation import Conversation
from agents.runtime.errors import ModelError, PromptError, RunError
from agents.runtime.events import ModelCalled, Notice, TextDelta
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Price, Usage
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.fakes import drain, finished, only, steps

CHAT = parse_prompt(
    {
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{{ input }}"}],
        "parameters": {"temperature": 0.3, "max_tokens": 50, "stop": "END"},
    }
)


async def chat(llm, *, prompt=CHAT, limits=None, history=()):
    return await drain(Conversation(llm, prompt, limits or Limits()).run({"input": "Hello"}, history))


async def test_the_answer_is_streamed_and_finishes_the_run():
    llm = ScriptedLLM("Hello, how are you?", price=Price(Decimal(1), Decimal(2)))

    events = await chat(llm, history=[Message("user", "a"), Message("assistant", "b")])

    assert steps(events) == [("answer", "Hello, how are you?")]
    assert len(only(events, TextDelta)) > 2
    end = finished(events)
    assert (end.answer, end.stop_reason, end.flags) == ("Hello, how are you?", "finished", ())
    request = llm.requests[0]
    assert [message.content for message in request.messages] == ["Be kind.", "a", "b", "Hello"]
    assert (request.parameters, request.max_tokens, request.stop) == ({"temperature": 0.3}, 50, ("END",))
    (call,) = only(events, ModelCalled)
    assert call.cost == Price(Decimal(1), Decimal(2)).of(end.usage)
    assert call.request["messages"][-1] == {"role": "user", "content": "Hello"}


async def test_what_the_model_thinks_is_a_step_of_its_own():
    events = await chat(ScriptedLLM(reply("Yes.", reasoning="Is it? It is.")))

    assert steps(events) == [("thought", "Is it? It is."), ("answer", "Yes.")]
    assert only(events, ModelCalled)[0].reasoning == "Is it? It is."


async def test_thinking_between_tags_is_a_thought_too():
    events = await chat(ScriptedLLM("<think>Hm.</think>\n\nYes <b>"))

    assert steps(events) == [("thought", "Hm."), ("answer", "Yes <b>")]
    assert finished(events).answer == "Yes <b>"


async def test_a_thought_in_the_middle_divides_the_answer_as_it_is_shown():
    events = await chat(ScriptedLLM("Hello.<think>Hm.</think>\n\nWorld."))

    shown = [text for kind, text in steps(events) if kind == "answer"]
    assert finished(events).answer == "\n\n".join(shown) == "Hello.\n\nWorld."


async def test_a_conversation_past_the_token_limit_is_refused_before_any_call():
    llm = ScriptedLLM("x")

    with pytest.raises(RunError, match="1,000 tokens") as failed:
        await chat(llm, limits=Limits(max_total_tokens=1000), history=[Message("user", "word " * 5000)])

    assert failed.value.code == "token_budget"
    assert llm.requests == []


@pytest.mark.parametrize(
    ("finish_reason", "told"),
    [
        ("length", "The answer was cut off by the length limit."),
        ("truncated", "The model's server broke the answer off. It may not be whole."),
    ],
)
async def test_an_answer_that_was_cut_off_is_kept_and_marked(finish_reason, told):
    events = await chat(ScriptedLLM(reply("One two", finish_reason=finish_reason)))

    assert finished(events).flags == ("truncated",)
    assert [(notice.code, notice.text) for notice in only(events, Notice)] == [("truncated", told)]


async def test_a_failure_of_the_model_goes_on_after_its_record():
    seen = []
    agent = Conversation(ScriptedLLM(ModelError("unreachable", "Down.")), CHAT, Limits())
    with pytest.raises(ModelError, match="Down"):
        await drain(agent.run({"input": "x"}), into=seen)

    assert [(call.error, call.step) for call in seen if isinstance(call, ModelCalled)] == [("unreachable", 1)]


@pytest.mark.parametrize(
    ("script", "code"),
    [(reply("", finish_reason="content_filter"), "content_filter"), (reply("  "), "protocol")],
)
async def test_no_answer_is_a_failure_that_says_so(script, code):
    with pytest.raises(RunError) as failed:
        await chat(ScriptedLLM(script))

    assert failed.value.code == code


async def test_at_the_time_limit_the_answer_so_far_is_kept():
    llm = ScriptedLLM("abcdefgh" * 1000, delay_s=0.002)

    events = await chat(llm, limits=Limits(timeout_s=0.5))

    end = finished(events)
    assert end.stop_reason == "timeout"
    assert end.answer.startswith("abcd")
    assert only(events, ModelCalled)[0].usage.estimated
    assert llm.closed_early == 1


async def test_silence_until_the_time_limit_is_a_failure():
    with pytest.raises(RunError) as failed:
        await chat(ScriptedLLM("x", delay_s=9), limits=Limits(timeout_s=0.01))

    assert failed.value.code == "timeout"


async def test_closing_the_run_closes_the_stream_of_the_model():
    llm = ScriptedLLM("A long answer that nobody waits for")
    async with aclosing(Conversation(llm, CHAT, Limits()).run({"input": "x"})) as events:
        await anext(events)  # the announcement of the call
        await anext(events)

    assert llm.closed_early == 1


async def test_cancelling_the_consumer_closes_the_stream_of_the_model():
    llm = ScriptedLLM("x", delay_s=60)
    waiting = asyncio.ensure_future(chat(llm))
    while not llm.requests:
        await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert llm.closed_early == 1


async def test_a_missing_value_is_refused_before_any_call():
    llm = ScriptedLLM("x")

    with pytest.raises(PromptError, match="input"):
        await drain(Conversation(llm, CHAT, Limits()).run({}))
    assert llm.requests == []


async def test_an_answer_leaves_room_in_a_small_window():
    llm = ScriptedLLM("x", context_window=8192)
    await chat(llm, prompt=parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}]}))

    assert llm.requests[0].max_tokens == 2048


async def test_usage_that_the_server_reported_is_taken_as_it_is():
    end = finished(await chat(ScriptedLLM(reply("x", usage=Usage(7, 3, cached=2)))))

    assert end.usage == Usage(7, 3, cached=2)


async def test_the_trace_says_what_the_server_went_without():
    events = await chat(ScriptedLLM(replace(reply("Yes."), left_out=("temperature",))))

    (call,) = only(events, ModelCalled)
    assert "temperature" not in call.request
    assert call.request["left_out"] == ["temperature"]
