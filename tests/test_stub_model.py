"""The stub server as other tests start it: on its own, with a script."""

import asyncio
import json
import sys
from pathlib import Path

from openai import AsyncOpenAI

from tests.stub_model import StubModel

STUB = Path(__file__).parent / "stub_model.py"


async def test_it_runs_as_a_program_with_a_script(tmp_path):
    script = tmp_path / "rules.json"
    script.write_text(json.dumps({"rules": [{"contains": "weather", "replies": ["Sunny.", "Rain."]}]}))
    command = (sys.executable, str(STUB), "--port", "0", "--script", str(script))
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        base_url = (await server.stdout.readline()).decode().split()[-1]
        async with AsyncOpenAI(base_url=base_url, api_key="k") as client:
            said = [await ask(client, text) for text in ("the weather?", "the weather?", "weather", "an echo")]
            assert [model.id async for model in client.models.list()] == ["stub"]
    finally:
        server.terminate()
        await server.wait()

    assert said == ["Sunny.", "Rain.", "Rain.", "an echo"]


async def ask(client, text):
    reply = await client.chat.completions.create(model="stub", messages=[{"role": "user", "content": text}])
    return reply.choices[0].message.content


async def test_rules_match_on_the_system_message_and_on_patterns_and_can_end():
    rules = [
        {"system": "French", "reply": "Oui."},
        {"regex": r"^\d+$", "reply": "A number.", "times": 1},
        {"reply": "Anything."},
    ]
    async with StubModel(rules) as stub, AsyncOpenAI(base_url=stub.base_url, api_key="k") as client:
        assert [await ask(client, text) for text in ("12", "12")] == ["A number.", "Anything."]
        french = [{"role": "system", "content": "Speak French."}, {"role": "user", "content": "?"}]
        stream = await client.chat.completions.create(model="stub", messages=french, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == "Oui."

    assert len(stub.requests) == 3
