"""A person chats over the websocket: the loop from a message to a stored answer, and what can go wrong in it."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from agents.models import ApiKey, ModelCall
from agents.runtime.errors import ModelError
from agents.runtime.scripted import ScriptedLLM
from chat import snapshots
from chat.models import Conversation, Frame, Message, Run
from chat.services import conversations, runs
from chat.transcript import Transcript
from config.db import in_db
from tests.chat.conftest import events_of, session_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


async def say(socket, text="Hi", **fields):
    """Send a message and return its ack."""
    await socket.send(**{"type": "run.start", "id": str(uuid4()), "agent": "assistant", "text": text, **fields})
    ack, _ = await socket.until("ack")
    return ack


async def test_an_answer_is_streamed_and_stored_as_it_was_shown(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("Hello, Ada. How are you?")

    async with socket_of(ada) as socket:
        ack = await say(socket)
        frames = await socket.until_over(ack["run"])

    assert text_of(frames) == "Hello, Ada. How are you?"
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert (events_of(frames)[0]["type"], events_of(frames)[0]["model"]) == ("run.started", "scripted")
    end = events_of(frames)[-1]
    assert (end["type"], end["status"], end["stop_reason"]) == ("run.finished", "succeeded", "finished")
    answer = await in_db(lambda: Message.objects.get(pk=ack["answer"]))
    assert answer.content == "Hello, Ada. How are you?"
    call = await in_db(lambda: ModelCall.objects.get(trace__run__pk=ack["run"]))
    assert call.request["messages"][-1] == {"role": "user", "content": "Hi"}


async def test_frames_that_come_while_the_log_is_read_arrive_once(
    ada, assistant, model, executor, socket_of, monkeypatch
):
    read = snapshots.frames_after

    def read_late(run_id, after):
        time.sleep(0.3)  # the run is over by then, and all of it waits in the outbox too
        return read(run_id, after)

    monkeypatch.setattr(snapshots, "frames_after", read_late)
    async with socket_of(ada) as socket:
        ack = await say(socket)
        frames = await socket.until_over(ack["run"])
        await socket.send(type="ping", id="p")
        _, rest = await socket.until("pong")

    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert not [message for message in rest if message["type"] == "frame"]


async def test_the_next_message_is_answered_with_the_conversation_before_it(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("One.", "Two.")

    async with socket_of(ada) as socket:
        first = await say(socket, "First")
        await socket.until_over(first["run"])
        second = await say(socket, "Second", conversation=first["conversation"])
        await socket.until_over(second["run"])

    shown = [message.to_json() for message in model.llm.requests[1].messages]
    assert shown == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "First"},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": "Second"},
    ]


async def test_a_command_sent_twice_starts_one_run(ada, assistant, model, executor, socket_of):
    async with socket_of(ada) as socket:
        first = await say(socket, id="same")
        again = await say(socket, id="same")

    assert again["run"] == first["run"]
    assert await in_db(Run.objects.count) == 1
    assert await in_db(Message.objects.count) == 2


async def test_what_the_log_tells_is_what_a_reload_shows(ada, assistant, model, executor, socket_of):
    async with socket_of(ada) as socket:
        ack = await say(socket)
        live = await socket.until_over(ack["run"])

    async with socket_of(ada) as another:
        await another.send(type="watch", id="w", conversation=ack["conversation"], after={})
        snapshot, _ = await another.until("snapshot")
    stored = await in_db(snapshots.frames_after, ack["run"], 0)

    assert Transcript().apply_all(events_of(live)).answer == snapshot["messages"][-1]["content"]
    assert len(stored) == len(live)
    assert snapshot["runs"][ack["run"]] == {"state": "succeeded", "seq": len(live)}


async def test_a_watcher_who_comes_in_mid_answer_sees_all_of_it_once(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("word " * 60, delay_s=0.01)

    async with socket_of(ada) as first, socket_of(ada) as second:
        ack = await say(first)
        await first.until("frame")
        await second.send(type="watch", id="w", conversation=ack["conversation"], after={})
        await second.until("snapshot")
        seen = {}
        async with asyncio.timeout(10):
            while not any(e["type"] == "run.finished" for frame in seen.values() for e in frame["events"]):
                message = await second.receive()
                if message["type"] == "frame":
                    seen.setdefault(message["seq"], message)

    assert sorted(seen) == list(range(1, len(seen) + 1))
    assert text_of([seen[seq] for seq in sorted(seen)]) == "word " * 60


async def test_stop_ends_the_run_at_once_and_keeps_the_text(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.02)

    async with socket_of(ada) as socket, socket_of(ada) as other_tab:
        ack = await say(socket)
        frame, _ = await socket.until("frame")
        while "text.delta" not in [event["type"] for event in frame["events"]]:
            frame, _ = await socket.until("frame")
        await other_tab.send(type="run.cancel", id="stop", run=ack["run"])
        async with asyncio.timeout(2):
            frames = await socket.until_over(ack["run"])

    assert events_of(frames)[-1]["status"] == "cancelled"
    assert [event["ms"] > 0 for event in events_of(frames) if event["type"] == "step.finished"] == [True]
    answer = await in_db(lambda: Message.objects.get(pk=ack["answer"]))
    assert answer.content.startswith("word")
    assert len(answer.content) < 5000
    stored = await in_db(lambda: list(Frame.objects.filter(run=ack["run"])))
    assert len(stored) == frames[-1]["seq"]
    call = await in_db(lambda: ModelCall.objects.get(trace__run__pk=ack["run"]))
    assert (call.error, call.estimated, call.response) == ("cancelled", True, answer.content)
    assert call.input_tokens > 0


async def test_a_model_that_fails_says_so_and_can_be_tried_again(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM(ModelError("unreachable", "The model can't be reached.", retryable=True), "Here I am.")

    async with socket_of(ada) as socket:
        ack = await say(socket)
        failed = events_of(await socket.until_over(ack["run"]))[-1]
        await socket.send(type="run.retry", id="again", message=ack["answer"])
        again, _ = await socket.until("ack")
        frames = await socket.until_over(again["run"])
        await socket.send(type="run.retry", id="again", message=ack["answer"])
        repeated, _ = await socket.until("ack")

    assert {**repeated, "state": None} == {**again, "state": None}
    assert failed == {
        "type": "run.failed",
        "code": "unreachable",
        "detail": "The model can't be reached.",
        "retryable": True,
    }
    assert text_of(frames) == "Here I am."
    assert again["answer"] != ack["answer"]
    answers = await in_db(lambda: list(Message.objects.filter(role="assistant").values_list("parent", flat=True)))
    assert len(set(answers)) == 1


async def test_an_error_of_ours_ends_the_run_and_shows_no_code(ada, assistant, model, executor, socket_of, caplog):
    class Broken:
        name = "broken"
        context_window = None
        price = None

        def stream(self, request):
            raise KeyError("secret detail")

    model.llm = Broken()

    async with socket_of(ada) as socket:
        ack = await say(socket)
        failed = events_of(await socket.until_over(ack["run"]))[-1]

    assert failed["code"] == "internal"
    assert "secret" not in failed["detail"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "   "}, "empty_message"),
        ({"text": "x" * 32_001}, "message_too_long"),
        ({"agent": "nobody"}, "unknown_agent"),
        ({"conversation": str(uuid4())}, "not_found"),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_written(ada, assistant, executor, socket_of, fields, code):
    async with socket_of(ada) as socket:
        await socket.send(**{"type": "run.start", "id": "x", "agent": "assistant", "text": "Hi", **fields})
        error, _ = await socket.until("error")

    assert (error["id"], error["code"]) == ("x", code)
    assert error["detail"]
    assert await in_db(Conversation.objects.count) == 0
    assert await in_db(Message.objects.count) == 0


async def test_a_malformed_frame_is_refused_and_the_socket_lives_on(ada, executor, socket_of):
    async with socket_of(ada) as socket:
        await socket.send_text("{no json")
        error = await socket.receive()
        await socket.send(type="ping")
        pong = await socket.receive()

    assert error["code"] == "bad_request"
    assert pong == {"type": "pong"}


async def test_a_second_message_waits_until_the_first_is_answered(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("word " * 500, delay_s=0.02)

    async with socket_of(ada) as socket:
        ack = await say(socket)
        await socket.send(type="run.start", id="2", agent="assistant", text="More", conversation=ack["conversation"])
        error, _ = await socket.until("error")
        await socket.send(type="run.cancel", id="stop", run=ack["run"])
        await socket.until_over(ack["run"])

    assert error["code"] == "busy"
    assert await in_db(Message.objects.count) == 2


async def test_a_stranger_is_told_nothing_is_there(ada, bob, assistant, model, executor, socket_of):
    async with socket_of(ada) as socket:
        ack = await say(socket)
        await socket.until_over(ack["run"])

    async with socket_of(bob) as socket:
        for command in (
            {"type": "watch", "conversation": ack["conversation"]},
            {"type": "run.start", "conversation": ack["conversation"], "text": "Hi"},
            {"type": "run.cancel", "run": ack["run"]},
            {"type": "run.retry", "message": ack["answer"]},
        ):
            await socket.send(id="x", **command)
            error, _ = await socket.until("error")
            assert error["code"] == "not_found"


async def test_odd_cookies_of_other_sites_on_this_host_keep_nobody_out(ada, assistant, model, executor, socket_of):
    cookie = f'prefs={{"a": 1}}; user=John Doe; parley_session={await in_db(session_of, ada)}'
    async with socket_of(cookie=cookie) as socket:
        ack = await say(socket)
        await socket.until_over(ack["run"])


async def test_a_message_goes_beneath_what_another_tab_has_just_added(ada, assistant, model, executor, monkeypatch):
    def ask(**fields):
        return runs.start_run(user=ada, client_id=str(uuid4()), text="Hi", agent_slug="assistant", **fields).run

    first = await in_db(ask)
    async with asyncio.timeout(5):
        while (await in_db(lambda: Run.objects.get(pk=first.pk).state)) != "succeeded":
            await asyncio.sleep(0.02)
    looked_up = runs._conversation_for

    def after_another_tab(user, conversation_id):
        conversation = looked_up(user, conversation_id)
        other = Message.objects.create(conversation=conversation, parent_id=first.answer_id, role="user", content="x")
        type(conversation).objects.filter(pk=conversation.pk).update(active_leaf=other)
        conversation.active_leaf_id = first.answer_id  # as it was when we looked
        return conversation

    monkeypatch.setattr(runs, "_conversation_for", after_another_tab)
    second = await in_db(lambda: ask(conversation_id=first.conversation_id))

    question = await in_db(lambda: Message.objects.select_related("parent").get(pk=second.answer.parent_id))
    assert question.parent.content == "x"


async def test_a_chat_that_is_deleted_stops_what_is_being_written(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.02)
    async with socket_of(ada) as socket:
        ack = await say(socket)
        await socket.until("frame")

        await in_db(conversations.delete, user=ada, conversation_id=UUID(ack["conversation"]))
        frames = await socket.until_over(ack["run"])

    assert events_of(frames)[-1]["status"] == "cancelled"


async def test_what_no_database_takes_is_replaced_in_a_message(ada, assistant, model, executor, socket_of):
    async with socket_of(ada) as socket:
        ack = await say(socket, "Hello\x00")
        await socket.until_over(ack["run"])

    assert (await in_db(lambda: Message.objects.get(pk=ack["message"]))).content == "Hello\ufffd"


async def test_a_socket_without_sign_in_or_from_elsewhere_is_closed(ada, executor, socket_of):
    for user, origin in ((None, "http://testserver"), (ada, "http://evil.example"), (ada, None)):
        async with socket_of(user, origin=origin) as socket:
            closed = await socket.wire.receive_output(5)
        assert closed == {"type": "websocket.close", "code": 4401}


async def test_a_program_connects_with_its_key_until_that_is_revoked(ada, assistant, model, executor, socket_of):
    key, secret = await in_db(lambda: ApiKey.issue(user=ada))

    async with socket_of(key=secret, origin=None) as socket:
        ack = await say(socket)
        await socket.until_over(ack["run"])
        await in_db(lambda: ApiKey.objects.filter(pk=key.pk).update(revoked_at=key.created_at))
        await socket.send(type="ping")
        closed = await socket.wire.receive_output(5)
        while closed["type"] == "websocket.send":
            closed = await socket.wire.receive_output(5)

    assert closed["code"] == 4401


async def test_every_tab_of_a_person_hears_of_a_new_conversation(ada, assistant, model, executor, socket_of):
    async with socket_of(ada) as socket, socket_of(ada) as other_tab:
        ack = await say(socket, "What is new?")
        message, _ = await other_tab.until("conversation")
        await socket.until_over(ack["run"])

    assert message["conversation"]["id"] == ack["conversation"]
    assert message["conversation"]["title"] == "What is new?"


async def test_a_run_whose_process_died_is_ended_with_its_text(ada, assistant, model, executor, socket_of):
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.02)
    async with socket_of(ada) as socket:
        ack = await say(socket)
        frame, _ = await socket.until("frame")
        while "text.delta" not in [event["type"] for event in frame["events"]]:
            frame, _ = await socket.until("frame")

        await in_db(lambda: Run.objects.update(lease_expires_at=a_minute_ago()))
        published = await in_db(runs.take_care_of_abandoned, UUID(ack["run"]))

    assert [event["type"] for event in published.events] == ["step.finished", "run.finished"]
    assert published.events[-1]["status"] == "interrupted"
    run = await in_db(lambda: Run.objects.select_related("answer").get(pk=ack["run"]))
    shown = Transcript()
    for text in await in_db(lambda: list(Frame.objects.values_list("events", flat=True))):
        shown.apply_all(orjson.loads(text))
    assert run.answer.content == shown.answer != ""
    assert run.state == "interrupted"


def a_minute_ago():
    return timezone.now() - timedelta(minutes=1)
