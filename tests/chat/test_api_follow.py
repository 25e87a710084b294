"""An API call follows its run to the end, also when frames come faster than the caller reads."""

import asyncio
from uuid import uuid4

import pytest

from agents.runtime.scripted import ScriptedLLM
from agents.services.agents import resolve_agent
from chat.api import completions
from chat.api.completions import Delta, End, follow
from chat.hub import Outbox
from chat.models import Run
from chat.services import runs
from config.db import in_db

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_slow_caller_misses_nothing(ada, assistant, model, executor, monkeypatch):
    model.llm = ScriptedLLM("word " * 100, delay_s=0.002)
    monkeypatch.setattr(completions, "Outbox", lambda: Outbox(size=2))

    def start():
        version, snapshot = resolve_agent(assistant)
        said = [{"role": "user", "content": "Hi"}]
        run = runs.start_api_run(
            user=ada, client_id=str(uuid4()), messages=said, agent=assistant, version=version, snapshot=snapshot
        )
        return Run.objects.select_related("user", "trace").get(pk=run.pk)

    run, pieces = await in_db(start), []
    async with asyncio.timeout(20):
        async for piece in follow(run):
            pieces.append(piece)
            if len(pieces) == 1:  # the caller looks away until all has been written
                while not (await in_db(lambda: Run.objects.get(pk=run.pk).finished_at)):
                    await asyncio.sleep(0.02)

    assert "".join(piece.text for piece in pieces if isinstance(piece, Delta)) == "word " * 100
    assert isinstance(pieces[-1], End)
