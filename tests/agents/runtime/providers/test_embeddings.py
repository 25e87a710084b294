"""The client of embedding models, against what servers send."""

import json

import httpx2
import pytest
from openai import AsyncOpenAI

from agents.runtime.errors import ModelError
from agents.runtime.providers.embeddings import MOST_AT_ONCE, OpenAIEmbeddings

OK = {"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1.5, 2]}]}


def model(answer, *, seen=None, status=200):
    def reply(request):
        asked = json.loads(request.content)
        if seen is not None:
            seen.append(asked)
        body = answer(asked) if callable(answer) else answer
        return (
            httpx2.Response(status, json=body) if not isinstance(body, bytes) else httpx2.Response(status, content=body)
        )

    http_client = httpx2.AsyncClient(transport=httpx2.MockTransport(reply))
    client = AsyncOpenAI(base_url="http://model.test/v1", api_key="k", http_client=http_client, max_retries=0)
    return OpenAIEmbeddings(base_url="", api_key="", model="embed", client=client)


async def test_vectors_come_in_the_order_of_the_texts():
    seen = []
    assert await model(OK, seen=seen).embed(["a", "b"]) == [[1.5, 2.0], [0.0, 1.0]]
    assert (seen[0]["model"], seen[0]["input"], seen[0]["encoding_format"]) == ("embed", ["a", "b"], "float")


async def test_many_texts_are_sent_in_parts():
    seen = []
    embedder = model(
        lambda asked: {"data": [{"index": n, "embedding": [n]} for n in range(len(asked["input"]))]}, seen=seen
    )

    vectors = await embedder.embed(["x"] * (MOST_AT_ONCE + 2))

    assert [len(asked["input"]) for asked in seen] == [MOST_AT_ONCE, 2]
    assert vectors[-2:] == [[0.0], [1.0]]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        {},
        [],
        {"data": []},
        {"data": None},
        {"data": [{"index": 0, "embedding": [1]}]},
        {"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]},
        {"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]},
        {"data": [{"index": 0, "embedding": "AAAA"}, {"index": 1, "embedding": "AAAA"}]},
        {"data": ["x", "y"]},
        {"data": [{"index": "b", "embedding": [1]}, {"index": 0, "embedding": [1]}]},
        b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1]}]}',
    ],
)
async def test_what_is_no_list_of_vectors_is_a_failure_of_the_server(body):
    with pytest.raises(ModelError) as failed:
        await model(body).embed(["a", "b"])
    assert failed.value.code == "protocol"


async def test_a_refusal_is_sorted_like_those_of_other_calls():
    with pytest.raises(ModelError) as failed:
        await model({"error": {"message": "no"}}, status=404).embed(["a"])
    assert failed.value.code == "not_found"
