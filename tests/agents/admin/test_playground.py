"""Trying a prompt makes one real call and leaves a trace."""

import pytest
from django.urls import reverse

from agents import build
from agents.models import Trace
from agents.runtime.errors import RunError
from agents.runtime.scripted import ScriptedLLM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(monkeypatch):
    llm = ScriptedLLM("7")

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build, "llm_for", llm_for)
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


def test_a_try_without_a_value_asks_for_it_and_calls_nothing(staff, first, model):
    page = staff.post(url(first), {"sample-text": ""}).content.decode()

    assert "Give a value for text first." in page
    assert not model.requests


def test_a_model_that_is_down_is_said_in_place(staff, first, monkeypatch):
    async def nobody(name):
        raise RunError("unreachable", "The model's server doesn't answer.")

    monkeypatch.setattr(build, "llm_for", nobody)

    page = staff.post(url(first), {"sample-text": "Tea"}).content.decode()

    assert "The model&#x27;s server doesn&#x27;t answer." in page
    assert Trace.objects.get().status == "failed"


def test_a_stranger_cannot_spend_tokens(client, bob, first, model):
    client.force_login(bob)

    assert client.post(url(first), {"sample-text": "Tea"}).status_code == 403
    assert not model.requests


def test_looking_is_not_trying(staff, first):
    assert staff.get(url(first)).status_code == 405
