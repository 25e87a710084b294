"""Trying a prompt makes one real call and leaves a trace."""

import asyncio

import pytest
from django.urls import reverse

from agents import build
from agents.admin.prompts import playground
from agents.models import Trace
from agents.runtime.errors import RunError
from agents.runtime.llm import TextChunk
from agents.runtime.scripted import ScriptedLLM
from config.db import in_db
from tests.agents.brand import publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(monkeypatch):
    llm = ScriptedLLM("7")

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return llm


def url(version):
    return reverse("admin:agents_prompt_version_try", args=[version.prompt_id, version.number])


def test_a_try_shows_the_answer_and_keeps_its_trace(staff, first, model):
    answer = staff.post(url(first), {"sample-text": "Taxes are too high."})

    attempt = answer.context["attempt"]
    assert (attempt.output, attempt.extracted) == ("7", "7")
    assert model.requests[0].messages[-1].content == "Taxes are too high."
    trace = Trace.objects.get()
    assert (trace.kind, trace.status) == ("playground", "succeeded")
    assert trace.model_calls.get().response == "7"


def test_a_try_thinks_as_the_version_says(staff, model):
    version = publish("apples", "How many apples are {input}?", strategy="pal", output={"kind": "number"})
    model.replies = ("```python\ndef solution():\n    return 23 - 20 + 6\n```",)

    attempt = staff.post(url(version), {"sample-input": "23 - 20 + 6"}).context["attempt"]

    assert (attempt.output, attempt.extracted) == ("9", "9")
    assert [step.kind for step in Trace.objects.get().steps.all()] == ["action", "observation", "answer"]


def test_a_try_without_a_value_asks_for_it_and_calls_nothing(staff, first, model):
    page = staff.post(url(first), {"sample-text": ""}).content.decode()

    assert "Give a value for text first." in page
    assert not model.requests


def test_a_model_that_is_down_is_said_in_place(staff, first, monkeypatch):
    async def nobody(name):
        raise RunError("unreachable", "The model's server doesn't answer.")

    monkeypatch.setattr(build.language_models, "llm_for", nobody)

    page = staff.post(url(first), {"sample-text": "Tea"}).content.decode()

    assert "The model&#x27;s server doesn&#x27;t answer." in page
    assert Trace.objects.get().status == "failed"


class Stalled(ScriptedLLM):
    """A model that says the beginning of an answer and then nothing more."""

    def __init__(self):
        super().__init__("")
        self.stalls = asyncio.Event()

    async def _play(self, reply):
        yield TextChunk("7 of")
        self.stalls.set()
        await asyncio.sleep(60)


async def left(version, at):
    """A try that its person leaves at this moment."""
    spec = await in_db(build.spec_of, version)
    trying = asyncio.create_task(playground.run(version, spec, {"text": "Tea"}, "default"))
    await at.wait()
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    return await in_db(Trace.objects.prefetch_related("model_calls", "steps").get)


async def test_a_try_that_is_left_in_the_middle_keeps_what_it_has_cost(first, monkeypatch):
    llm = Stalled()

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)

    trace = await left(first, llm.stalls)

    call, step = trace.model_calls.all()[0], trace.steps.all()[0]
    assert (trace.status, trace.finished_at is None, llm.closed_early) == ("cancelled", False, 1)
    assert (call.response, call.error, call.input_tokens > 0, call.estimated) == ("7 of", "cancelled", True, True)
    assert (step.text, step.ms) == ("7 of", 0)


async def test_a_try_that_is_left_before_the_model_is_found_is_closed_too(first, monkeypatch):
    looked_for = asyncio.Event()

    async def llm_for(name):
        looked_for.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)

    assert (await left(first, looked_for)).status == "cancelled"


def test_a_stranger_cannot_spend_tokens(client, bob, first, model):
    client.force_login(bob)

    assert client.post(url(first), {"sample-text": "Tea"}).status_code == 403
    assert not model.requests


def test_looking_is_not_trying(staff, first):
    assert staff.get(url(first)).status_code == 405
