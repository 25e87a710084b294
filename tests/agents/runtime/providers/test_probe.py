"""Small real calls show what a server understands."""

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.providers.probe import probe
from tests.agents.runtime.providers.streams import call, delta, rule
from tests.stub_model import StubModel

CALLS = rule(delta(tool_calls=[call(0, "c1", "look_up", "{}")]), delta(finish="tool_calls"), has=["tools"])
TWO = rule(delta(0, content="Hi"), delta(1, content="Hi"), delta(0, "stop"), has=["n"])


async def probed(*rules, **options):
    async with StubModel([*rules, {"reply": "Hello there."}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", max_retries=0, total_s=5)
        try:
            found = await probe(llm, **options)
        finally:
            await llm.aclose()
    assert all(sent.get("max_tokens", sent.get("max_completion_tokens", 0)) <= 32 for sent in stub.requests)
    return {name: lesson.value for name, lesson in found.items()}


async def test_a_server_that_understands_everything():
    found = await probed(
        CALLS,
        TWO,
        {"reply": '{"word": "Hello"}', "has": ["response_format"]},
        {"reply": "11 22", "has": ["stop"]},
    )

    assert found == {
        "tools": True,
        "json_schema": True,
        "json_object": True,
        "n": True,
        "stop": True,
        "alternate_roles": False,
        "system_role": "yes",
        "temperature": True,
        "seed": True,
        "stream": True,
        "stream_usage": True,
        "max_tokens_param": "max_tokens",
    }


async def test_a_server_that_understands_little():
    found = await probed(
        {"refuse": ["seed"], "has": ["seed"]},
        {"status": 400, "message": "does not support tools", "has": ["tools"]},
        {"status": 400, "message": "response_format is not supported", "has": ["response_format"]},
        {"reply": "11 22 33 44", "has": ["stop"]},
        {"status": 400, "message": "System role not supported", "system": "Be brief."},
    )

    assert {name: value for name, value in found.items() if value is not True} == {
        "tools": False,
        "json_schema": False,
        "json_object": False,
        "n": False,
        "stop": False,
        "alternate_roles": False,
        "system_role": "merge_into_user",
        "seed": False,
        "max_tokens_param": "max_tokens",
    }


async def test_a_model_that_calls_nothing_leaves_the_question_open():
    assert "tools" not in await probed()


async def test_what_there_is_no_time_for_stays_open():
    assert not {"n", "stop", "json_schema"} & (await probed(within_s=0)).keys()


async def test_a_server_that_can_not_be_asked_says_nothing_about_what_it_understands():
    with pytest.raises(ModelError) as failed:
        await probed({"status": 401})

    assert failed.value.code == "auth"
