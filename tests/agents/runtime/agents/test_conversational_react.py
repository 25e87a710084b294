"""The agent that talks, remembers, and uses a tool where it needs one."""

import pytest

from agents.runtime.events import Notice, ToolCalled
from agents.runtime.llm import Message
from agents.runtime.prompts import parse_prompt
from tests.agents.runtime.agents.spoken import CONVERSATIONAL, run, scripted
from tests.agents.runtime.fakes import finished, only, steps

HISTORY = [Message("user", "My name is Ada."), Message("assistant", "Hello Ada.")]


@pytest.mark.parametrize("said", ["hi", "thanks", "who are you?"])
@pytest.mark.parametrize("replied", ["Thought: Do I need to use a tool? No\nAI: Hello there!", "Hello there!"])
async def test_small_talk_calls_no_tool(said, replied):
    llm = scripted(replied)

    events = await run(CONVERSATIONAL, llm)

    assert not only(events, ToolCalled) and not only(events, Notice)
    assert (finished(events).answer, len(llm.requests)) == ("Hello there!", 1)
    assert "Greetings, thanks, small talk" in llm.requests[0].messages[0].content


async def test_earlier_turns_are_messages_before_the_new_one():
    llm = scripted(CONVERSATIONAL.done())

    await run(CONVERSATIONAL, llm, history=HISTORY)

    assert list(llm.requests[0].messages[1:]) == [*HISTORY, Message("user", "How high?")]


async def test_a_prompt_may_say_where_they_stand():
    prompt = parse_prompt({"messages": [{"slot": "history"}, {"role": "user", "content": "Now: {{ input }}"}]})
    llm = scripted(CONVERSATIONAL.done())

    await run(CONVERSATIONAL, llm, history=HISTORY, prompt=prompt)

    assert [message.role for message in llm.requests[0].messages] == ["system", "user", "assistant", "user"]


async def test_the_names_of_the_turns_are_the_agents_own():
    options = {"ai_prefix": "Dr. (Watson)", "human_prefix": "Holmes"}
    llm = scripted("Thought: Do I need to use a tool? No\nDr. (Watson): Elementary: AI: is not it.\nHolmes: no")

    events = await run(CONVERSATIONAL, llm, options=options)

    assert llm.requests[0].stop == ("\nObservation:", "\nHolmes:")
    assert "Dr. (Watson): your reply" in llm.requests[0].messages[0].content
    assert finished(events).answer == "Elementary: AI: is not it."


async def test_the_question_whether_a_tool_is_needed_is_not_shown_as_the_answer():
    events = await run(CONVERSATIONAL, scripted("Thought: Do I need to use a tool? No\nAI: Hello there!"))

    assert [step for step in steps(events) if step[0] == "answer"] == [("answer", "Hello there!")]


async def test_a_tool_and_then_a_reply():
    events = await run(CONVERSATIONAL, scripted(CONVERSATIONAL.act(), CONVERSATIONAL.done("It is 343 m high.")))

    assert [kind for kind, _ in steps(events)][-3:] == ["action", "observation", "answer"]
    assert finished(events).answer == "It is 343 m high."
