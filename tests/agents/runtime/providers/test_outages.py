"""Servers that send nothing, trickle, fail in a row, or say that they have enough."""

import asyncio
import contextlib
import json

import httpx2
import openai
import pytest

from agents.runtime.errors import ModelError
from agents.runtime.llm import Message, Reply, Request, Retrying, TextChunk
from agents.runtime.model_call import ModelCall
from agents.runtime.providers import breaker as breakers
from agents.runtime.providers.breaker import CircuitBreaker
from agents.runtime.providers.failures import classify
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.providers.pace import Pace
from agents.runtime.providers.servers import Server, server_at
from tests.agents.runtime.providers.streams import delta, rule
from tests.stub_model import StubModel

ASKED = Request((Message("user", "Hello"),))
EXHAUSTED = {"limit-requests": "60", "remaining-requests": "0", "reset-requests": "30ms"}
EMPTY = {"body": "", "content_type": "text/event-stream", "has": ["stream_options"]}


def client(stub, **options):
    return OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", **options)


async def talk(llm):
    return [chunk async for chunk in llm.stream(ASKED)]


async def failing(llm):
    with pytest.raises(ModelError) as failed:
        await talk(llm)
    return failed.value


async def told_of(call):
    """What is shown of a call that fails in the end."""
    told = []
    with contextlib.suppress(ModelError):
        async for chunk in call.chunks():
            told += [chunk]
    return told


async def test_an_empty_stream_is_asked_for_whole_without_a_word_and_in_the_end_from_the_start():
    async with StubModel([EMPTY, {"reply": "All at once."}]) as stub:
        llm = client(stub)
        replies = [await talk(llm) for _ in range(3)]
        await llm.aclose()

    assert [[type(chunk) for chunk in chunks] for chunks in replies] == [
        [Retrying, TextChunk, Reply],
        [Retrying, TextChunk, Reply],
        [TextChunk, Reply],
    ]
    assert replies[0][0].wait_s == 0
    assert replies[0][-1].text == "All at once."
    assert [sent["stream"] for sent in stub.requests] == [True, False, True, False, False]


async def test_one_empty_stream_is_an_accident():
    async with StubModel([{**EMPTY, "times": 1}, {"reply": "Hi."}]) as stub:
        llm = client(stub)
        for _ in range(3):
            await talk(llm)
        await llm.aclose()

    assert [sent["stream"] for sent in stub.requests] == [True, False, True, True]


async def test_one_reply_that_calls_itself_a_stream_is_understood():
    reply = {"choices": [{"index": 0, "message": {"content": "Hi."}, "finish_reason": "stop"}]}
    async with StubModel([{"body": json.dumps(reply), "content_type": "text/event-stream"}]) as stub:
        llm = client(stub)
        chunks = await talk(llm)
        await llm.aclose()

    assert (chunks[-1].text, len(stub.requests)) == ("Hi.", 1)


async def test_a_stream_that_trickles_ends_all_the_same():
    async with StubModel([{"reply": "x " * 50, "token_s": 0.02}]) as stub:
        llm = client(stub, total_s=0.1, max_retries=0)
        failed = await failing(llm)
        await llm.aclose()

    assert failed.code == "timeout"


async def test_nothing_is_tried_again_after_the_end_of_all_time():
    async with StubModel([{"reply": "x", "stall_at": 0}]) as stub:
        llm = client(stub, first_token_s=1, total_s=0.5)
        failed = await failing(llm)
        await llm.aclose()

    assert failed.code == "timeout"
    assert len(stub.requests) <= 1


BILLING = "Rate limit reached for requests. Limit: 3 / min. Visit /account/billing to add a payment method."


async def test_a_limit_of_the_moment_is_waited_for_though_its_text_speaks_of_billing():
    busy = {"status": 429, "code": "rate_limit_exceeded", "message": BILLING, "retry_after": 0.01, "times": 1}
    async with StubModel([busy, {"reply": "Hi."}]) as stub:
        llm = client(stub)
        chunks = await talk(llm)
        await llm.aclose()

    assert (chunks[0], chunks[-1].text) == (Retrying("rate_limited", 0.01), "Hi.")


@pytest.mark.parametrize("packed", [lambda error: {"error": error}, lambda error: [{"error": error}]])
def test_gemini_s_limit_of_the_moment_is_known_by_its_status(packed):
    busy = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded, check your plan and billing."}
    response = httpx2.Response(429, request=httpx2.Request("POST", "http://a"))

    failed = classify(openai.RateLimitError("No.", response=response, body=packed(busy)))

    assert (failed.code, failed.retryable) == ("rate_limited", True)


@pytest.mark.parametrize("retry_after", ["0", "-5", "nan", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_wait_of_nothing_is_a_short_wait_with_a_word_and_is_counted(retry_after, monkeypatch):
    monkeypatch.setattr("agents.runtime.providers.retries.FIRST_WAIT_S", 0.001)
    async with StubModel([{"status": 429, "retry_after": retry_after}]) as stub:
        llm = client(stub)
        call = ModelCall(llm, ASKED)
        told = await told_of(call)
        await llm.aclose()

    assert [notice.code for notice in told] == ["retrying"] * 3
    assert (len(stub.requests), call.record(1).retries) == (4, 3)


async def test_what_is_tried_again_at_once_is_counted_without_a_word(monkeypatch):
    monkeypatch.setattr("agents.runtime.providers.retries.FIRST_WAIT_S", 0.001)
    async with StubModel([{"reply": "One", "drop_at": 0}]) as stub:
        llm = client(stub)
        call = ModelCall(llm, ASKED)
        told = await told_of(call)
        await llm.aclose()

    assert (len(told), len(stub.requests), call.record(1).retries) == (2, 4, 3)


async def test_a_wait_before_the_first_try_is_no_retry():
    server = Server(pace=Pace(lambda: 0.0))
    server.pace.note({f"x-ratelimit-{name}": value for name, value in EXHAUSTED.items()})
    async with StubModel([{"status": 400, "message": "nonsense"}]) as stub:
        llm = client(stub, server=server)
        call = ModelCall(llm, ASKED)
        await told_of(call)
        await llm.aclose()

    assert call.record(1).retries == 0


@pytest.mark.parametrize("refusal", [{"code": "insufficient_quota"}, {"message": "Your credit balance is too low"}])
async def test_credit_that_is_used_up_is_not_asked_for_again(refusal):
    async with StubModel([{"status": 429, **refusal}]) as stub:
        llm = client(stub)
        assert (await failing(llm)).code == "quota"
        await llm.aclose()

    assert len(stub.requests) == 1


async def test_a_server_that_fails_in_a_row_is_left_alone_by_all_its_clients():
    server = Server(CircuitBreaker())
    async with StubModel([{"status": 503}]) as stub:
        one, other = client(stub, server=server, max_retries=0), client(stub, server=server, max_retries=0)
        for _ in range(breakers.FAILURES_TO_OPEN):
            await failing(one)
        asked = len(stub.requests)
        held_off = await failing(other)
        await one.aclose()
        await other.aclose()

    assert (held_off.code, held_off.retryable) == ("overloaded", True)
    assert "left alone" in held_off.detail
    assert len(stub.requests) == asked


async def test_the_first_token_of_a_server_that_is_back_lets_everybody_in_again():
    now = [0.0]
    server = Server(CircuitBreaker(lambda: now[0]))
    async with StubModel([{"status": 503, "times": 5}, {"reply": "One two three"}]) as stub:
        llm = client(stub, server=server, max_retries=0)
        for _ in range(6):
            await failing(llm)
        now[0] = breakers.FIRST_PAUSE_S
        stream = llm.stream(ASKED)
        await anext(stream)
        meanwhile = await talk(llm)
        await stream.aclose()
        await llm.aclose()

    assert meanwhile[-1].text == "One two three"


async def test_a_call_that_is_left_does_not_keep_the_others_out():
    now = [0.0]
    server = Server(CircuitBreaker(lambda: now[0]))
    rules = [{"status": 503, "times": 5}, {"reply": "x", "stall_at": 0, "times": 1}, {"reply": "Hi."}]
    async with StubModel(rules) as stub:
        llm = client(stub, server=server, max_retries=0)
        for _ in range(5):
            await failing(llm)
        now[0] = breakers.FIRST_PAUSE_S
        waiting = asyncio.ensure_future(talk(llm))
        while len(stub.requests) < 6:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        chunks = await talk(llm)
        await llm.aclose()

    assert chunks[-1].text == "Hi."


async def test_a_provider_that_allows_no_more_is_waited_for_with_a_word():
    headers = {f"x-ratelimit-{name}": value for name, value in EXHAUSTED.items()}
    server = Server(pace=Pace(lambda: 0.0))
    async with StubModel([rule(delta(content="Hi."), delta(finish="stop"), headers=headers)]) as stub:
        llm = client(stub, server=server)
        first, second = await talk(llm), await talk(llm)
        await llm.aclose()

    assert not any(isinstance(chunk, Retrying) for chunk in first)
    assert second[0] == Retrying("rate_limited", 0.03, again=False)


def test_what_is_known_of_an_address_is_known_once():
    assert server_at("http://one.example/v1") is server_at("http://one.example/v1/")
    assert server_at("http://two.example/v1", guarded=False).breaker is None
