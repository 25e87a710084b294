"""The real child with the real model."""

import asyncio
import json
import urllib.error
import urllib.request

import pytest

from agents.local_model.supervisor import borrowed


def ask(address, path, body=None):
    request = urllib.request.Request(
        address.base_url + path,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {address.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


@pytest.mark.local_model
async def test_the_local_model_answers_those_who_have_its_key(tmp_path):
    async with borrowed(tmp_path) as address:
        models = await asyncio.to_thread(ask, address, "/models")
        question = {"role": "user", "content": "What is the capital of France? Answer with one word."}
        answer = await asyncio.to_thread(
            ask, address, "/chat/completions", {"messages": [question], "temperature": 0, "max_tokens": 8}
        )
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            await asyncio.to_thread(
                ask, type(address)(address.base_url, "wrong", address.model), "/chat/completions", {}
            )
        refused.value.close()

    assert [model["id"] for model in models["data"]] == ["qwen2.5-coder-1.5b-instruct"]
    assert "Paris" in answer["choices"][0]["message"]["content"]
    assert (tmp_path / "run" / "local-model.log").exists()
