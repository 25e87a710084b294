"""The log under bad conditions: what can't be written, processes that end, commands that come too early."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from agents.runtime.events import ModelCalling
from agents.runtime.scripted import ScriptedLLM
from agents.services import traces
from chat import journal as journal_module
from chat import launcher
from chat.executor import Executor
from chat.hub import Hub, Outbox, hub
from chat.journal import Journal
from chat.keeper import _look
from chat.models import Frame, Run
from chat.services import runs
from config.db import in_db

pytestmark = pytest.mark.django_db(transaction=True)


def start(user, text="Hi", **fields):
    return runs.start_run(user=user, client_id=str(uuid4()), text=text, agent_slug="assistant", **fields).run


async def over(*run_ids, timeout=15):
    """The runs once all of them have ended."""
    async with asyncio.timeout(timeout):
        while True:
            found = await in_db(lambda: list(Run.objects.filter(pk__in=run_ids).select_related("answer")))
            if all(run.finished_at for run in found):
                return {run.pk: run for run in found}
            await asyncio.sleep(0.02)


async def test_what_cannot_be_written_costs_only_its_own_run(ada, bob, assistant, model, executor, monkeypatch):
    model.llm = ScriptedLLM("word " * 30, delay_s=0.005)
    bad, good = await in_db(start, ada), await in_db(start, bob)
    record = traces.record

    def refuse(trace_id, events, **options):
        if trace_id == bad.trace_id and len(events) and type(events[-1]).__name__ == "TextDelta":
            raise ValueError("a value that no database takes")
        return record(trace_id, events, **options)

    monkeypatch.setattr(traces, "record", refuse)

    ended = await over(bad.pk, good.pk)

    assert (ended[bad.pk].state, ended[bad.pk].error_code) == ("failed", "internal")
    assert (ended[good.pk].state, ended[good.pk].answer.content) == ("succeeded", "word " * 30)


async def test_a_database_that_is_locked_for_a_moment_loses_nothing(ada, assistant, model, executor, monkeypatch):
    model.llm = ScriptedLLM("word " * 20, delay_s=0.005)
    record, failures = traces.record, iter([True, True])

    def stumble(trace_id, events, **options):
        if next(failures, False):
            raise OperationalError("database is locked")
        return record(trace_id, events, **options)

    monkeypatch.setattr(traces, "record", stumble)
    run = await in_db(start, ada)

    ended = await over(run.pk)

    assert ended[run.pk].answer.content == "word " * 20
    seqs = await in_db(lambda: list(Frame.objects.filter(run=run).values_list("seq", flat=True)))
    assert seqs == list(range(1, len(seqs) + 1))


async def test_what_only_the_trace_needs_makes_no_frame(ada, assistant, model, transactional_db):
    journal = Journal(Hub())
    pump = asyncio.create_task(journal.pump())
    run = await in_db(runs.claim_run, (await in_db(start, ada)).pk)
    log = journal.open(run, {})
    await log.add({"type": "run.started"})
    while log.written < log.added:
        await asyncio.sleep(0.01)
    await log.add(ModelCalling(step=1, model="m", request={"messages": []}))
    while log.written < log.added:
        await asyncio.sleep(0.01)
    await log.close([{"type": "run.finished"}], lambda locked: None)

    frames = await in_db(lambda: list(Frame.objects.filter(run=run).values_list("seq", "events")))

    assert frames == [(1, '[{"type":"run.started"}]'), (2, '[{"type":"run.finished"}]')]
    pump.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pump


async def test_nothing_is_written_behind_what_could_not_be(ada, assistant, model, transactional_db, monkeypatch):
    journal, failures, append = Journal(Hub()), iter([True]), journal_module.append_frame

    def stumble(run, events):
        if next(failures, False):
            raise ValueError("a value that no database takes")
        return append(run, events)

    monkeypatch.setattr(journal_module, "append_frame", stumble)
    run = await in_db(runs.claim_run, (await in_db(start, ada)).pk)
    log = journal.open(run, {})
    await log.add({"type": "step.started", "step": 1, "kind": "answer"})
    flush = asyncio.create_task(journal._flush())
    await asyncio.sleep(0)  # the first event is on its way to the disk
    await log.add({"type": "text.delta", "step": 1, "text": "Hello"})
    await flush
    await journal._flush()

    pump = asyncio.create_task(journal.pump())
    await log.close([{"type": "run.failed"}], lambda locked: None)

    frames = await in_db(lambda: list(Frame.objects.filter(run=run).values_list("seq", "events")))
    assert frames == [(1, '[{"type":"run.failed"}]')]
    pump.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pump


async def test_a_failing_side_bar_does_not_undo_a_commit_for_the_watchers(ada, assistant, model, executor, monkeypatch):
    def broken(conversation_id):
        raise OperationalError("database is locked")

    monkeypatch.setattr(runs, "announce", broken)
    outbox = Outbox()
    run = await in_db(start, ada)
    hub.join(run.conversation_id, outbox)

    async with asyncio.timeout(10):
        while (frame := await outbox.next()).events[-1]["type"] != "run.finished":
            assert frame.run_id == run.pk


async def test_a_stop_that_comes_while_a_run_is_claimed_is_heard(ada, assistant, model, transactional_db):
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.02)
    journal = Journal(Hub())
    executor = Executor(journal)
    pump = asyncio.create_task(journal.pump())
    run = await in_db(start, ada)

    executor.start(run.pk)
    executor.cancel(run.pk)
    ended = await over(run.pk, timeout=2)

    assert ended[run.pk].state == "cancelled"
    await executor.drain(1)
    pump.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pump


async def test_a_server_that_stops_leaves_its_runs_to_the_next_one(ada, assistant, model, transactional_db):
    model.llm = ScriptedLLM("word " * 1000, delay_s=0.02)
    journal = Journal(Hub())
    first = Executor(journal)
    pump = asyncio.create_task(journal.pump())
    run = await in_db(start, ada)
    first.start(run.pk)
    async with asyncio.timeout(5):
        while not await in_db(lambda: Frame.objects.filter(run=run, events__contains="text.delta").exists()):
            await asyncio.sleep(0.01)

    await first.drain(0.1)
    pump.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pump
    await in_db(runs.release, first.held)
    left = await in_db(lambda: Run.objects.get(pk=run.pk))
    await _look(Executor(Journal(Hub())), Hub(), renew=True)
    ended = (await over(run.pk))[run.pk]

    assert left.state == "running"
    assert (ended.state, ended.error_code, ended.crashes) == ("interrupted", "interrupted", 0)
    assert ended.answer.content.startswith("word")


async def test_a_run_that_had_shown_nothing_starts_again_after_a_crash(ada, assistant, model, executor):
    launcher.detach()
    run = await in_db(start, ada)
    await in_db(runs.claim_run, run.pk)
    await in_db(lambda: Run.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1)))

    await _look(executor, hub, renew=True)
    ended = (await over(run.pk))[run.pk]

    assert (ended.state, ended.answer.content) == ("succeeded", "Hello, Ada.")
    assert (ended.attempt, ended.crashes) == (3, 1)
