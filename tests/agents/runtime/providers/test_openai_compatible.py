"""The client against a server that behaves, and against one that does everything wrong that servers do."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.llm import Message, Reply, Request, Retrying, TextChunk
from agents.runtime.providers.connection import list_models
from agents.runtime.providers.openai_compatible import OpenAICompatible
from tests.agents.runtime.providers.streams import delta
from tests.stub_model import StubModel

ASKED = Request(messages=(Message("user", "Hello there"),))


async def talk(stub, request=ASKED, **options):
    """All that one call yields."""
    llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", **options)
    try:
        return [chunk async for chunk in llm.stream(request)]
    finally:
        await llm.aclose()


async def failure(rule, **options):
    async with StubModel([rule]) as stub:
        with pytest.raises(ModelError) as failed:
            await talk(stub, **{"max_retries": 0, **options})
    return failed.value


def text_of(chunks):
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextChunk) and not chunk.reasoning)


async def test_text_comes_in_pieces_and_the_reply_is_last():
    async with StubModel([{"reply": "One two three."}]) as stub:
        *pieces, reply = await talk(stub, Request(ASKED.messages, {"temperature": 0}, max_tokens=9, stop=("\nX:",)))

    assert [piece.text for piece in pieces] == ["One", " two", " three."]
    assert isinstance(reply, Reply)
    assert (reply.text, reply.finish_reason, reply.retries) == ("One two three.", "stop", 0)
    assert (reply.usage.input, reply.usage.output, reply.usage.estimated) == (2, 3, False)
    sent = stub.requests[0]
    assert (sent["temperature"], sent["max_tokens"], sent["stop"]) == (0, 9, ["\nX:"])
    assert sent["stream_options"] == {"include_usage": True}


async def test_reasoning_is_told_apart():
    async with StubModel([{"reply": "Yes.", "reasoning": "Let me see."}]) as stub:
        *pieces, reply = await talk(stub)

    assert pieces[0] == TextChunk("Let", reasoning=True)
    assert (reply.reasoning, reply.text) == ("Let me see.", "Yes.")


async def test_usage_is_estimated_and_marked_when_the_server_gives_none():
    async with StubModel([{"reply": "12345678", "usage": False}]) as stub:
        reply = (await talk(stub))[-1]

    assert (reply.usage.output, reply.usage.estimated) == (2, True)


async def test_a_busy_server_is_asked_again_when_it_said_so():
    busy = {"status": 429, "retry_after": 0.01, "times": 1}
    async with StubModel([busy, {"reply": "Now."}]) as stub:
        chunks = await talk(stub)

    assert chunks[0] == Retrying("rate_limited", 0.01)
    assert text_of(chunks) == "Now."
    assert chunks[-1].retries == 1


async def test_a_server_that_wants_an_hour_is_not_waited_for():
    failed = await failure({"status": 429, "retry_after": 3600}, max_retries=5)

    assert (failed.code, failed.retry_after_s) == ("rate_limited", 3600)


async def test_a_break_in_mid_stream_keeps_what_was_shown_and_is_not_repeated():
    async with StubModel([{"reply": "One two three", "drop_at": 2}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        chunks = llm.stream(ASKED)
        shown = [await anext(chunks), await anext(chunks)]
        with pytest.raises(ModelError) as failed:
            await anext(chunks)
        await llm.aclose()

    assert text_of(shown) == "One two"
    assert (failed.value.code, failed.value.retryable, len(stub.requests)) == ("unreachable", True, 1)


async def test_a_break_before_the_first_token_is_repeated_at_once_and_then_with_a_word(monkeypatch):
    monkeypatch.setattr("agents.runtime.providers.retries.FIRST_WAIT_S", 0.001)
    async with StubModel([{"reply": "One", "drop_at": 0, "times": 2}, {"reply": "Two"}]) as stub:
        chunks = await talk(stub)

    assert text_of(chunks) == "Two"
    at_once, waited = (chunk for chunk in chunks if isinstance(chunk, Retrying))
    assert (at_once, waited.reason) == (Retrying("unreachable", 0.0), "unreachable")
    assert waited.wait_s > 0
    assert chunks[-1].retries == 2


async def test_silence_before_the_first_token_ends_in_a_timeout():
    assert (await failure({"reply": "x", "stall_at": 0}, first_token_s=0.02)).code == "timeout"


async def test_silence_between_tokens_ends_in_a_timeout():
    assert (await failure({"reply": "One two", "stall_at": 1}, between_tokens_s=0.02)).code == "timeout"


async def test_a_reader_that_takes_its_time_is_no_silence():
    async with StubModel([{"reply": "One two three"}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", between_tokens_s=0.05)
        async with aclosing(llm.stream(ASKED)) as chunks:
            async for _ in chunks:
                await asyncio.sleep(0.06)
        await llm.aclose()

    assert stub.cut_off == 0


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"status": 401, "code": "invalid_api_key"}, "auth"),
        ({"status": 402}, "quota"),
        ({"status": 404, "code": "model_not_found"}, "not_found"),
        ({"status": 400, "code": "context_length_exceeded"}, "context_overflow"),
        ({"status": 400, "message": "This model's maximum context length is 10 tokens"}, "context_overflow"),
        ({"status": 500, "message": "the request exceeds the available context size"}, "context_overflow"),
        ({"status": 400, "code": "content_filter"}, "content_filter"),
        ({"status": 400, "message": "nonsense"}, "bad_request"),
        ({"status": 429, "code": "insufficient_quota"}, "quota"),
        ({"status": 429}, "rate_limited"),
        ({"status": 503}, "overloaded"),
        ({"status": 529}, "overloaded"),
        ({"reply": "One two", "malformed_at": 1}, "protocol"),
        ({"reply": "One two", "error_at": 1, "code": "server_error"}, "overloaded"),
        ({"reply": "One two", "error_at": 0, "code": "context_length_exceeded"}, "context_overflow"),
        ({"body": "<html>Bad gateway</html>"}, "protocol"),
        ({"body": "data: [DONE]\n\n", "content_type": "text/event-stream"}, "protocol"),
        ({"body": '{"error": {"message": "x", "code": 429}}', "content_type": "application/json"}, "rate_limited"),
    ],
)
async def test_failures_are_sorted_by_what_to_do(rule, code):
    failed = await failure({"message": "http://host/?key=canary", **rule})

    assert failed.code == code
    assert "canary" not in failed.detail
    assert failed.detail.endswith(".")


async def test_a_server_that_is_not_there():
    async with StubModel() as stub:
        pass
    with pytest.raises(ModelError) as failed:
        await talk(stub, max_retries=0)

    assert failed.value.code == "unreachable"


@pytest.mark.parametrize("name", ["stop", "stream_options", "temperature", "max_tokens"])
async def test_a_parameter_that_is_refused_is_left_out_from_then_on(name):
    message = "Use 'max_completion_tokens' instead of max_tokens." if name == "max_tokens" else None
    request = Request(ASKED.messages, {"temperature": 0.5}, max_tokens=5, stop=("x",))
    async with StubModel([{"refuse": [name], "reply": "Fine."}]) as stub:
        if message:
            stub.rules = [{"status": 400, "message": message, "times": 1}, {"reply": "Fine."}]
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        first = [chunk async for chunk in llm.stream(request)]
        second = [chunk async for chunk in llm.stream(request)]
        await llm.aclose()

    assert text_of(first) == text_of(second) == "Fine."
    assert [name in sent for sent in stub.requests] == [True, False, False]
    assert ("max_completion_tokens" in stub.requests[2]) == (name == "max_tokens")
    assert [chunks[-1].left_out for chunks in (first, second)] == [
        (name,) if name in ("stop", "temperature") else ()
    ] * 2


async def test_a_value_out_of_range_is_not_left_out_but_said():
    rule = {"status": 400, "message": "Invalid 'temperature': must be less than or equal to 2.", "code": "invalid"}

    failed = await failure(rule)

    assert failed.code == "bad_request"


async def test_a_server_that_does_not_stream_is_understood():
    async with StubModel([{"reply": "All at once.", "whole": True}]) as stub:
        chunks = await talk(stub)

    assert text_of(chunks) == "All at once."
    assert (chunks[-1].finish_reason, chunks[-1].usage.output) == ("stop", 3)


async def test_an_end_without_a_reason_is_a_cut():
    async with StubModel([{"reply": "One two", "finish": None}]) as stub:
        reply = (await talk(stub))[-1]

    assert (reply.text, reply.finish_reason) == ("One two", "truncated")


@pytest.mark.parametrize("trouble", ["drop_at", "stall_at", "malformed_at"])
async def test_a_reply_that_said_why_it_ended_is_whole_whatever_comes_after(trouble, monkeypatch):
    monkeypatch.setattr("agents.runtime.providers.reading.LAST_WORDS_S", 0.02)
    async with StubModel([{"reply": "One two", trouble: 3}]) as stub:
        reply = (await talk(stub))[-1]

    assert (reply.text, reply.finish_reason, len(stub.requests)) == ("One two", "stop", 1)
    assert (reply.usage.input, reply.usage.output, reply.usage.estimated) == (2, 2, False)


async def test_several_replies_are_whole_when_each_of_them_is():
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in (delta(0, content="A"), delta(0, "stop")))
    rule = {"body": body + "data: {not json\n\n", "content_type": "text/event-stream"}
    async with StubModel([rule]) as stub:
        with pytest.raises(ModelError):
            await talk(stub, replace(ASKED, n=2), max_retries=0)
        reply = (await talk(stub))[-1]

    assert reply.text == "A"


async def test_closing_the_stream_ends_the_work_of_the_server():
    async with StubModel([{"reply": "One two three", "stall_at": 1}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        async with aclosing(llm.stream(ASKED)) as chunks:
            await anext(chunks)
        async with asyncio.timeout(1):
            await stub.was_cut_off.wait()
        await llm.aclose()


async def test_cancelling_before_the_first_token_ends_the_work_of_the_server():
    async with StubModel([{"reply": "One", "first_token_s": 60}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        waiting = asyncio.ensure_future(anext(llm.stream(ASKED)))
        while not stub.requests:
            await asyncio.sleep(0)
        waiting.cancel()
        async with asyncio.timeout(1):
            await stub.was_cut_off.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await llm.aclose()


async def test_a_connection_is_used_again():
    async with StubModel([{"reply": "Hi."}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        for _ in range(3):
            assert [chunk async for chunk in llm.stream(ASKED)]
            assert len(stub._tasks) == 1
        await llm.aclose()


async def test_models_are_listed_and_a_wrong_key_is_named():
    async with StubModel(api_key="right") as stub:
        assert await list_models(base_url=stub.base_url, api_key="right") == ["stub"]
        with pytest.raises(ModelError) as failed:
            await list_models(base_url=stub.base_url, api_key="wrong")

    assert failed.value.code == "auth"
