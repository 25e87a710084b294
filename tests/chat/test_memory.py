"""What an agent remembers of a chat, through the socket: all, a little, or a summary that is written meanwhile."""

import asyncio
from uuid import UUID, uuid4

import pytest

from agents import build
from agents.models import Agent, ModelCall
from agents.runtime.errors import ConfigurationError, ModelError
from agents.runtime.events import Finished, Notice
from agents.runtime.llm import Usage
from agents.runtime.scripted import ScriptedLLM
from agents.services.agents import resolve_agent
from chat.models import Conversation, ConversationSummary, Message, Run
from chat.services import conversations, runs
from config.db import in_db
from tests.chat.conftest import events_of

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "word " * 160  # 200 tokens
SECTION = "## Summary of the earlier conversation"


@pytest.fixture
def small(model, monkeypatch):
    """The model that writes summaries, apart from the one that answers."""
    model.small = ScriptedLLM("The person is Ada.", name="small")
    model.is_local = False

    async def llm_for(name):
        return model.small if name == "small" else model.llm

    async def is_local(name):
        return model.is_local

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    monkeypatch.setattr(build.language_models, "is_local", is_local)
    return model


def remember(**memory):
    Agent.objects.filter(slug="assistant").update(memory=memory)


class Chat:
    """One conversation of a socket, message by message."""

    def __init__(self, socket):
        self.socket = socket
        self.fields = {}
        self.acks = []

    async def say(self, text, **fields):
        """Send a message and return the events of its answer."""
        sent = {"type": "run.start", "id": str(uuid4()), "agent": "assistant", "text": text, **self.fields, **fields}
        await self.socket.send(**sent)
        ack, _ = await self.socket.until("ack")
        self.fields = {"conversation": ack["conversation"]}
        self.acks.append(ack)
        return events_of(await self.socket.until_over(ack["run"]))


def notices(events):
    return [event["text"] for event in events if event["type"] == "notice"]


def sent(llm):
    """The messages of the last call."""
    return [(message.role, message.content) for message in llm.requests[-1].messages]


async def asked(llm, times=1):
    """Wait until the model has been."""
    async with asyncio.timeout(5):
        while len(llm.requests) < times:
            await asyncio.sleep(0.01)


async def summaries(count):
    """Wait until there are so many."""
    async with asyncio.timeout(5):
        while await in_db(ConversationSummary.objects.count) < count:
            await asyncio.sleep(0.01)
    return await in_db(lambda: list(ConversationSummary.objects.all()))


async def calls_of_summaries(count):
    async with asyncio.timeout(5):
        while len(found := await in_db(lambda: [c for c in ModelCall.objects.all() if "summary" in c.flags])) < count:
            await asyncio.sleep(0.01)
    return found


async def test_a_name_given_three_turns_earlier_is_remembered(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("Hello Ada.", "In Norway.", "Four.", "You are Ada.")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        for text in ("I am Ada.", "Where is Oslo?", "Two and two?"):
            assert notices(await chat.say(text)) == []
        events = await chat.say("Who am I?")

    assert ("user", "I am Ada.") in sent(model.llm)
    assert sent(model.llm)[-1] == ("user", "Who am I?")
    assert notices(events) == []


async def test_a_window_forgets_and_says_so(ada, assistant, model, executor, socket_of):
    await in_db(remember, policy="window", turns=1)

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("I am Ada.")
        assert notices(await chat.say("Where is Oslo?")) == []
        events = await chat.say("Who am I?")

    assert sent(model.llm) == [
        ("system", "Be brief."),
        ("user", "Where is Oslo?"),
        ("assistant", "Hello, Ada."),
        ("user", "Who am I?"),
    ]
    assert notices(events) == ["Left out the first 2 messages of this chat: this agent remembers the last turn."]


async def test_what_every_step_leaves_out_is_said_once(ada, assistant, model, executor, socket_of, monkeypatch):
    trimmed = Notice("memory_trimmed", "Left out 2 earlier messages to fit the model's context.")

    class Stepwise:
        llm = model.llm

        async def run(self, inputs, history):
            for event in (trimmed, trimmed, Notice("retrying", "Again."), Notice("retrying", "Again.")):
                yield event
            yield Finished("Yes.", "finished", Usage())

    async def agent_from(snapshot, version):
        return Stepwise(), await in_db(build.spec_of, version)

    monkeypatch.setattr(build, "agent_from", agent_from)
    async with socket_of(ada) as socket:
        events = await Chat(socket).say("Hi")

    assert notices(events) == [trimmed.text, "Again.", "Again."]


async def test_a_run_keeps_the_memory_that_it_was_started_with(ada, assistant, model, executor, socket_of):
    await in_db(remember, policy="window", turns=1)
    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("Hi")

    run = await in_db(lambda: Run.objects.select_related("trace").get())
    assert run.trace.agent["memory"] == {"policy": "window", "turns": 1}


async def test_a_memory_that_does_not_exist_is_refused(assistant):
    assistant.memory = {"policy": "elephant"}

    with pytest.raises(ConfigurationError, match="no memory “elephant”"):
        await in_db(resolve_agent, assistant)


async def test_a_summary_is_written_after_the_answer_and_sent_with_the_next(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary_buffer", max_tokens=600, model="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say(f"I am Ada. {LONG}")
        await chat.say(LONG)
        assert small.small.requests == []
        await chat.say(LONG)
        (summary,) = await summaries(1)
        events = await chat.say("Who am I?")

    assert "Human: I am Ada." in small.small.requests[0].messages[1].content
    assert str(summary.covers_to_id) == chat.acks[0]["answer"]
    assert (summary.text, summary.model, summary.tokens) == ("The person is Ada.", "small", 5)
    system, *rest = sent(small.llm)
    assert system[1].startswith(f"Be brief.\n\n{SECTION}")
    assert system[1].endswith("The person is Ada.")
    assert [role for role, _ in rest] == ["user", "assistant", "user", "assistant", "user"]
    assert not any("I am Ada." in text for _, text in rest)
    assert notices(events) == ["Sent a summary in place of the first 2 messages of this chat."]


async def test_a_long_chat_is_folded_call_by_call(ada, assistant, small, executor, socket_of):
    async with socket_of(ada) as socket:
        chat = Chat(socket)
        for number in range(6):
            await chat.say(f"fact{number} {LONG}")
        small.small = ScriptedLLM(*"ABCDEF", name="small", context_window=1400)
        await in_db(remember, policy="summary", model="small")
        await chat.say("Who am I?")
        *_, last = await summaries(3)

    texts = [request.messages[1].content for request in small.small.requests]
    assert texts[1].startswith("<summary>\nA\n</summary>")
    assert all(any(f"fact{number} " in text for text in texts) for number in range(6))
    assert "left out" not in "".join(texts)
    assert str(last.covers_to_id) == chat.acks[-1]["answer"]


async def test_the_cost_of_a_summary_stands_with_the_answer_before_it(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("I am Ada.")
        await summaries(1)

    (call,) = await calls_of_summaries(1)
    run = await in_db(lambda: Run.objects.get(trace=call.trace_id))
    assert str(run.pk) == chat.acks[0]["run"]
    assert (call.model, call.step, call.response) == ("small", 0, "The person is Ada.")
    assert call.input_tokens > 0
    assert run.summary["usage"]["output"] == 3  # of the answer alone, which was over by then


async def test_an_edited_message_goes_on_with_the_summary_of_what_it_shares(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")
    small.small = ScriptedLLM("One.", "Two.", "Three.", name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        for number, text in enumerate(("First", "Second", "Third"), 1):
            await chat.say(text)
            await summaries(number)
        first = chat.acks[0]
        await chat.say("Second, but different", parent=first["answer"])
        shared = sent(small.llm)
        await summaries(4)
        await chat.say("First, but different", parent=None)

    assert shared[0][1].endswith("One.")
    assert shared[1:] == [("user", "Second, but different")]
    assert sent(small.llm) == [("system", "Be brief."), ("user", "First, but different")]
    assert small.small.requests[3].messages[1].content.startswith("<summary>\nOne.\n</summary>")


async def test_a_summary_that_fails_holds_nothing_up_and_is_tried_again(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")
    small.small = ScriptedLLM(ModelError("overloaded", "Busy."), "The person is Ada.", name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        assert (await chat.say("I am Ada."))[-1]["status"] == "succeeded"
        (failed,) = await calls_of_summaries(1)
        assert (await chat.say("Where is Oslo?"))[-1]["status"] == "succeeded"
        (summary,) = await summaries(1)

    assert failed.error == "overloaded"
    assert sent(small.llm)[1] == ("user", "I am Ada.")
    assert str(summary.covers_to_id) == chat.acks[1]["answer"]


async def test_the_next_message_does_not_wait_for_a_summary(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")
    small.is_local = True
    small.small = ScriptedLLM("word " * 1000, delay_s=0.05, name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("I am Ada.")
        await asked(small.small)
        await chat.say("Who am I?")
        (call, *_) = await calls_of_summaries(1)

    assert ("user", "I am Ada.") in sent(small.llm)
    assert (call.error, call.estimated) == ("cancelled", True)
    assert await in_db(ConversationSummary.objects.count) == 0


async def test_a_summary_that_holds_nobody_up_goes_on_beside_the_next_answer(
    ada, assistant, small, executor, socket_of
):
    await in_db(remember, policy="summary", model="small")
    small.small = ScriptedLLM("The person is Ada.", delay_s=0.05, name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("I am Ada.")
        await asked(small.small)
        await chat.say("Who am I?")
        found = await summaries(2)

    assert [call.error for call in await calls_of_summaries(2)] == ["", ""]
    assert {str(summary.covers_to_id) for summary in found} == {ack["answer"] for ack in chat.acks}


async def test_a_summary_that_gave_way_twice_is_finished(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")
    small.is_local = True
    small.small = ScriptedLLM("The person is Ada.", delay_s=0.05, name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        for number in range(4):
            await chat.say("I am Ada.")
            await asked(small.small, number + 1)
        await summaries(1)

    errors = [call.error for call in await calls_of_summaries(3)]
    assert errors[:3] == ["cancelled", "cancelled", ""]


async def test_a_deleted_chat_gets_no_summary(ada, assistant, small, executor, socket_of):
    await in_db(remember, policy="summary", model="small")
    small.small = ScriptedLLM("The person is Ada.", delay_s=0.02, name="small")

    async with socket_of(ada) as socket:
        chat = Chat(socket)
        await chat.say("I am Ada.")
        await asked(small.small)
        await in_db(conversations.delete, user=ada, conversation_id=UUID(chat.acks[0]["conversation"]))
        await calls_of_summaries(1)
    await executor.drain(1)

    assert await in_db(ConversationSummary.objects.count) == 0


async def test_a_program_s_call_is_not_summarised(ada, assistant, small, executor):
    await in_db(remember, policy="summary", model="small")

    def call():
        agent = Agent.objects.get()
        version, snapshot = resolve_agent(agent)
        messages = [{"role": "user", "content": "Hi"}]
        return runs.start_api_run(
            user=ada, client_id="x", messages=messages, agent=agent, version=version, snapshot=snapshot
        )

    run = await in_db(call)
    async with asyncio.timeout(5):
        while await in_db(lambda: Run.objects.get(pk=run.pk).state) != "succeeded":
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)

    assert small.small.requests == []
    assert await in_db(lambda: Conversation.objects.get().source) == "api"
    assert await in_db(Message.objects.count) == 2
