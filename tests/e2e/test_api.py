"""The OpenAI-compatible API, with the `openai` package as the client against a running server."""

import asyncio

import openai
import pytest
import pytest_asyncio


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api_key(parley):
    output = await asyncio.to_thread(parley.manage, "create_api_key", "admin")
    return next(word for word in output.split() if word.startswith("pk-"))


@pytest_asyncio.fixture(loop_scope="session")
async def client(parley, api_key):
    async with openai.AsyncOpenAI(base_url=f"{parley.url}/v1", api_key=api_key, max_retries=0) as client:
        yield client


async def test_agents_are_listed_as_models(client):
    listed = [model.id async for model in await client.models.list()]

    assert {"assistant", "encyclopedia", "controversy"} <= set(listed)
    assert (await client.models.retrieve("assistant")).id == "assistant"


async def test_a_completion_comes_whole_with_its_usage(client):
    done = await client.chat.completions.create(
        model="assistant", messages=[{"role": "user", "content": "Say hello to the API"}]
    )

    assert done.choices[0].message.content == "Hello, API!"
    assert done.choices[0].finish_reason == "stop"
    assert done.usage.completion_tokens > 0
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


async def test_a_completion_comes_in_pieces_that_add_up(client):
    stream = await client.chat.completions.create(
        model="assistant",
        messages=[
            {"role": "system", "content": "You are terse."},
            {"role": "user", "content": "Before"},
            {"role": "assistant", "content": "Yes"},
            {"role": "user", "content": "Say hello to the API"},
        ],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Hello, API!"
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]
    assert chunks[-1].usage.prompt_tokens > 0


async def test_reasoning_comes_only_when_asked_for(client):
    question = [{"role": "user", "content": "How much is 6 times 7 plus 1, by calculator?"}]

    plain = await client.chat.completions.create(model="encyclopedia", messages=question)
    told = await client.chat.completions.create(
        model="encyclopedia", messages=question, extra_body={"parley": {"reasoning": True}}
    )

    assert plain.choices[0].message.content == told.choices[0].message.content == "It is 43."
    assert not hasattr(plain.choices[0].message, "reasoning_content")
    assert "Calculator" in told.choices[0].message.reasoning_content


async def test_a_prompt_is_addressed_directly(client):
    done = await client.chat.completions.create(
        model="prompt:controversy@production", messages=[{"role": "user", "content": "Cats are better than dogs."}]
    )

    assert "Controversy score:" in done.choices[0].message.content


async def test_leaving_a_stream_stops_its_run(client, stub):
    stub.was_cut_off.clear()
    stream = await client.chat.completions.create(
        model="assistant", messages=[{"role": "user", "content": "Tell me an endless story"}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
    await stream.close()

    async with asyncio.timeout(5):
        await stub.was_cut_off.wait()


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"model": "nobody"}, openai.NotFoundError, "model_not_found"),
        ({"model": "prompt:nothing"}, openai.NotFoundError, "model_not_found"),
        ({"messages": []}, openai.BadRequestError, "invalid_request"),
        ({"messages": [{"role": "user", "content": " "}]}, openai.BadRequestError, "empty_message"),
        ({"messages": [{"role": "user", "content": "x" * 40_000}]}, openai.BadRequestError, "message_too_long"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, openai.BadRequestError, "invalid_request"),
        ({"max_tokens": -1}, openai.BadRequestError, "invalid_request"),
        ({"n": 2}, openai.BadRequestError, "unsupported_value"),
        ({"messages": [{"role": "user", "content": "Fail as unauthorized"}]}, openai.InternalServerError, "auth"),
    ],
)
async def test_a_bad_call_is_refused_with_a_code(client, change, error, code):
    call = {"model": "assistant", "messages": [{"role": "user", "content": "Hi"}], **change}

    with pytest.raises(error) as caught:
        await client.chat.completions.create(**call)

    assert caught.value.code == code


async def test_a_wrong_key_is_refused(parley):
    async with openai.AsyncOpenAI(base_url=f"{parley.url}/v1", api_key="pk-wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()
