"""A call that is fitted to its model: before it is sent, after a refusal, and by what the server's counts teach."""

import pytest

from agents.runtime.agents.conversation import Conversation
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalled, Notice
from agents.runtime.llm import Message, Usage
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.tokens import estimated_request
from agents.runtime.tokens.calibration import calibration, windows
from tests.agents.runtime.fakes import FakeTool, drain, finished, only, prompt

CHAT = parse_prompt({"messages": [{"role": "system", "content": "Help."}, {"role": "user", "content": "{{ input }}"}]})
LONG = [m for n in range(40) for m in (Message("user", f"{n} " + "word " * 80), Message("assistant", "word " * 80))]


async def chat(llm, history=LONG, question="And now?", into=None):
    return await drain(Conversation(llm, CHAT).run({"input": question}, history), into=into)


def notices(events):
    return [(notice.code, notice.text) for notice in only(events, Notice)]


def overflow(**fields):
    error = ModelError("context_overflow", "This is too long for the model.", reason="400: too long")
    for name, value in fields.items():
        setattr(error, name, value)
    return error


async def test_a_long_chat_is_fitted_before_the_call_and_that_is_said():
    llm = ScriptedLLM("Yes.", context_window=4096)
    events = await chat(llm)

    sent = llm.requests[0]
    assert estimated_request(sent) + sent.max_tokens + 256 <= 4096
    assert sent.messages[0].content == "Help."
    assert sent.messages[1].role == "user"
    assert sent.messages[-1].content == "And now?"
    left_out = 82 - len(sent.messages)
    assert notices(events) == [("memory_trimmed", f"Left out {left_out} earlier messages to fit the model's context.")]
    assert only(events, ModelCalled)[0].request["messages"] == [message.to_json() for message in sent.messages]


async def test_an_agent_s_earlier_results_give_way_while_it_goes_on():
    asks = [f"Thought: {n}\nAction: Search\nAction Input: tower {n}" for n in range(6)]
    llm = ScriptedLLM(*asks, "Thought: Done.\nFinal Answer: 343 m", context_window=4096)
    tool = FakeTool(answer=lambda given: f"About {given}: " + "it is high. " * 300)
    events = await drain(ZeroShotReact(llm, prompt(), [tool]).run({"input": "How high is it?"}))

    last = llm.requests[-1]
    assert finished(events).answer == "343 m"
    assert estimated_request(last) + last.max_tokens + 256 <= 4096
    assert [message.content for message in last.messages if message.part == "question"] == ["How high is it?"]
    assert last.messages[-1].content.startswith("Observation: About tower 5")
    assert len(last.messages) == 14
    assert {text for _, text in notices(events)} == {"Shortened earlier results to fit the model's context."}


async def test_without_a_known_window_all_is_sent():
    llm = ScriptedLLM("Yes.")

    assert notices(await chat(llm)) == []
    assert len(llm.requests[0].messages) == 82


async def test_a_message_that_can_t_fit_is_refused_before_the_call_and_leaves_a_record():
    llm, events = ScriptedLLM("Yes.", context_window=2048), []

    with pytest.raises(ModelError, match="too long for the model: it needs about") as refused:
        await chat(llm, question="word " * 5000, into=events)

    assert refused.value.code == "context_overflow"
    assert llm.requests == []
    assert [call.error for call in only(events, ModelCalled)] == ["context_overflow"]


async def test_when_the_server_names_its_limit_less_is_sent_and_the_limit_is_known_from_then_on():
    llm = ScriptedLLM(overflow(limit=4096, asked=9000), "Yes.", "Again.")
    events = await chat(llm)

    first, second = llm.requests
    room = 4096 - 2048 - 256
    assert estimated_request(second) <= 0.9 * room
    assert estimated_request(second) < estimated_request(first)
    assert [code for code, _ in notices(events)] == ["memory_trimmed"]
    assert windows.of(llm) == 4096
    await chat(llm)
    assert len(llm.requests) == 3


async def test_when_the_server_names_no_limit_a_tenth_less_is_sent():
    llm = ScriptedLLM(overflow(), "Yes.")
    await chat(llm)

    first, second = llm.requests
    assert estimated_request(second) <= 0.9 * estimated_request(first)
    assert windows.of(llm) is None


async def test_a_second_refusal_is_final():
    llm = ScriptedLLM(overflow())

    with pytest.raises(ModelError, match="too long"):
        await chat(llm)
    assert len(llm.requests) == 2


async def test_other_failures_are_not_tried_again():
    llm = ScriptedLLM(ModelError("auth", "No access."))

    with pytest.raises(ModelError, match="No access"):
        await chat(llm)
    assert len(llm.requests) == 1


async def test_a_server_that_read_much_less_than_was_sent_is_told_of_and_its_window_remembered():
    llm = ScriptedLLM(reply("Yes.", usage=Usage(2400, 5)), context_window=100_000)
    events = await chat(llm)

    ((code, text),) = notices(events)
    assert code == "prompt_truncated_by_server"
    assert "read only 2,400 of about 8," in text
    assert windows.of(llm) == 2400
    assert calibration.factor(llm.name) == 1


async def test_a_server_that_counts_a_little_differently_corrects_the_estimate():
    llm = ScriptedLLM(reply("Yes.", usage=Usage(12_000, 5)), context_window=100_000)
    events = await chat(llm)

    assert notices(events) == []
    factor = 12_000 / estimated_request(llm.requests[0])
    assert calibration.factor(llm.name) == pytest.approx(factor)
    small = ScriptedLLM("Yes.", context_window=4096)
    await chat(small)
    assert estimated_request(small.requests[0]) * factor + small.requests[0].max_tokens + 256 <= 4096


async def test_text_that_tokenizers_pack_is_no_sign_of_a_cut():
    llm = ScriptedLLM(reply("Yes.", usage=Usage(300, 5)))

    assert notices(await chat(llm, history=(), question="-" * 20_000)) == []
