"""Chatting with a chain."""

import asyncio
import json
from uuid import uuid4

import pytest

from agents.models import ApiKey, Chain, ModelCall, Step
from agents.runtime.errors import ModelError
from agents.runtime.scripted import ScriptedLLM
from chat import snapshots
from chat.models import Message
from config.db import in_db
from tests.agents.brand import brand_agent, publish
from tests.chat.conftest import events_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ideas(transactional_db):
    return brand_agent()


async def say(socket, text="colorful socks", agent="brand-ideas"):
    await socket.send(type="run.start", id=str(uuid4()), agent=agent, text=text)
    ack, _ = await socket.until("ack")
    return ack


async def test_a_chain_answers_and_shows_its_steps(ada, ideas, model, executor, socket_of):
    model.llm = ScriptedLLM("Toe Rainbow", "Step into colour!")

    async with socket_of(ada) as socket:
        ack = await say(socket)
        frames = await socket.until_over(ack["run"])
        await socket.send(type="watch", id="w", conversation=ack["conversation"], after={})
        snapshot, _ = await socket.until("snapshot")

    started = events_of(frames)[0]
    assert (started["model"], started["prompt_version"]) == ("scripted", None)
    assert text_of(frames) == "Step into colour!"
    assert [(e["kind"], e["parent"]) for e in events_of(frames, "step.started")] == [
        ("plan", None),
        ("observation", 1),
        ("plan", None),
        ("answer", 3),
    ]
    assert events_of(frames)[-1]["usage"]["output"] == sum(e["output"] for e in events_of(frames, "usage"))
    assert snapshot["messages"][-1]["content"] == "Step into colour!"
    assert snapshot["messages"][-1]["run"]["prompt_version"] is None
    stored = await in_db(lambda: list(Step.objects.values_list("kind", "parent", "text")))
    assert stored == [
        ("plan", None, "Name"),
        ("observation", 1, "Toe Rainbow"),
        ("plan", None, "Slogan"),
        ("answer", 3, "Step into colour!"),
    ]


async def test_a_program_calls_a_chain_like_any_agent(ada, ideas, model, executor, async_client):
    model.llm = ScriptedLLM("Toe Rainbow", "Step into colour!")
    _, key = await in_db(lambda: ApiKey.issue(user=ada))
    headers = {"authorization": f"Bearer {key}"}
    asked = {"model": "brand-ideas", "messages": [{"role": "user", "content": "colorful socks"}]}

    listed = (await async_client.get("/v1/models", headers=headers)).json()
    answer = await async_client.post("/v1/chat/completions", asked, content_type="application/json", headers=headers)

    assert "brand-ideas" in [one["id"] for one in listed["data"]]
    assert answer.json()["choices"][0]["message"]["content"] == "Step into colour!"


async def test_stop_accounts_for_each_call_that_was_under_way(ada, model, executor, socket_of, transactional_db):
    def make():
        publish("both", "{a} and {b}")
        agent = brand_agent()
        one = {"prompt": "company-name", "inputs": {"product": "input.product"}}
        steps = [{"id": "a", **one}, {"id": "b", **one}]
        steps.append({"id": "c", "prompt": "both", "inputs": {"a": "steps.a", "b": "steps.b"}})
        Chain.objects.update(definition={"inputs": ["product"], "steps": steps})
        return agent

    await in_db(make)
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.01)
    async with socket_of(ada) as socket:
        ack = await say(socket)
        seen = set()
        while len(seen) < 2:
            frame, _ = await socket.until("frame")
            seen |= {e["step"] for e in frame["events"] if e["type"] == "text.delta" and "word" in e["text"]}
        await socket.send(type="run.cancel", id="stop", run=ack["run"])
        async with asyncio.timeout(2):
            frames = await socket.until_over(ack["run"])

    assert events_of(frames)[-1]["status"] == "cancelled"
    calls = await in_db(lambda: list(ModelCall.objects.all()))
    assert [call.error for call in calls] == ["cancelled", "cancelled"]
    texts = await in_db(lambda: dict(Step.objects.values_list("number", "text")))
    assert [call.response for call in calls] == [texts[call.step] for call in calls]
    assert all(call.response.startswith("word") for call in calls)
    assert model.llm.closed_early == 2


async def test_a_step_that_fails_is_named(ada, ideas, model, executor, socket_of):
    model.llm = ScriptedLLM(
        "Toe Rainbow", ModelError("overloaded", "The model's server is overloaded.", retryable=True)
    )

    async with socket_of(ada) as socket:
        ack = await say(socket)
        failed = events_of(await socket.until_over(ack["run"]))[-1]

    assert failed["detail"] == "The step “Slogan” failed: The model's server is overloaded."
    assert (failed["code"], failed["retryable"]) == ("overloaded", True)
    kept = await in_db(snapshots.frames_after, ack["run"], 0)
    assert text_of([json.loads(frame.text) for frame in kept], "observation") == "Toe Rainbow"
    assert await in_db(lambda: Message.objects.get(pk=ack["answer"]).content) == ""


async def test_a_chain_that_can_not_run_is_refused_before_anything_is_written(ada, ideas, executor, socket_of):
    await in_db(lambda: Chain.objects.update(definition={"steps": [{"id": "a", "prompt": "nothing"}]}))

    async with socket_of(ada) as socket:
        await socket.send(type="run.start", id="x", agent="brand-ideas", text="Hi")
        error, _ = await socket.until("error")

    assert error["code"] == "agent_not_ready"
    assert "There is no prompt “nothing”" in error["detail"]
    assert await in_db(Message.objects.count) == 0
