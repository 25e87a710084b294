"""What a server can't is found out by being refused, and asked for in another way from then on."""

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.llm import CallChunk, Capabilities, FunctionCall, FunctionSpec, Message, Request
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.providers.servers import Server
from tests.agents.runtime.providers.streams import call, delta, rule
from tests.stub_model import StubModel

HELLO = (Message("user", "Hello"),)
SEARCH = FunctionSpec("search", "Finds.", {"type": "object", "properties": {}}, strict=True)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


async def talk(stub, *requests, **options):
    """What the calls yield, one after the other with the same client."""
    llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", **options)
    try:
        return [[chunk async for chunk in llm.stream(request)] for request in requests]
    finally:
        await llm.aclose()


async def test_functions_are_offered_and_calls_come_back():
    asks = rule(
        delta(content="Let me look. "),
        delta(tool_calls=[call(0, "c1", "search")]),
        delta(tool_calls=[call(0, arguments='{"q":')]),
        delta(tool_calls=[call(0, arguments='"x"}')]),
        delta(finish="tool_calls"),
    )
    request = Request(HELLO, functions=(SEARCH,), function_choice="search", parallel_calls=False)
    async with StubModel([asks]) as stub:
        [chunks] = await talk(stub, request)

    sent = stub.requests[0]
    assert sent["tools"][0]["function"]["strict"] is True
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "search"}}
    assert sent["parallel_tool_calls"] is False
    assert chunks[1:4] == [CallChunk(0, "search", ""), CallChunk(0, "", '{"q":'), CallChunk(0, "", '"x"}')]
    assert chunks[-1].calls == (FunctionCall("c1", "search", '{"q":"x"}'),)
    assert (chunks[-1].text, chunks[-1].finish_reason) == ("Let me look. ", "tool_calls")


async def test_calls_and_results_go_back_as_they_came():
    messages = (
        *HELLO,
        Message("assistant", "", calls=(FunctionCall("c1", "search", "{}"),), reasoning="Hm."),
        Message("tool", "Found.", call_id="c1"),
    )
    async with StubModel() as stub:
        await talk(stub, Request(messages, functions=(SEARCH,)))
        await talk(
            stub, Request(messages, functions=(SEARCH,)), capabilities=Capabilities(reasoning_roundtrip="with_tools")
        )

    asked, found = stub.requests[0]["messages"][1:]
    assert asked["tool_calls"] == [{"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{}"}}]
    assert found == {"role": "tool", "tool_call_id": "c1", "content": "Found."}
    assert "reasoning_content" not in asked
    assert stub.requests[1]["messages"][1]["reasoning_content"] == "Hm."


async def test_a_server_without_functions_is_said_and_not_asked_again():
    refuses = {"status": 400, "message": "stub does not support tools", "has": ["tools"]}
    async with StubModel([refuses, {"reply": "In words."}]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        for _ in range(2):
            with pytest.raises(ModelError) as failed:
                [chunk async for chunk in llm.stream(Request(HELLO, functions=(SEARCH,)))]
        plain = [chunk async for chunk in llm.stream(Request(HELLO))]
        await llm.aclose()

    assert (failed.value.code, failed.value.retryable) == ("unsupported", False)
    assert llm.capabilities.tools is False
    assert (len(stub.requests), plain[-1].text) == (2, "In words.")


async def test_several_replies_of_one_prompt():
    two = rule(delta(1, content="B"), delta(0, content="A"), delta(0, "stop"), delta(1, "stop"))
    async with StubModel([two]) as stub:
        [chunks] = await talk(stub, Request(HELLO, n=2))

    assert stub.requests[0]["n"] == 2
    assert [choice.text for choice in chunks[-1].choices] == ["A", "B"]


@pytest.mark.parametrize("rules", [[{"refuse": ["n"], "reply": "One."}], [{"reply": "One."}]])
async def test_a_server_that_gives_one_reply_is_asked_for_one_from_then_on(rules):
    async with StubModel(rules) as stub:
        first, second = await talk(stub, Request(HELLO, n=3), Request(HELLO, n=3))

    assert [choice.text for choice in second[-1].choices] == ["One."]
    assert len(first[-1].choices) == 1
    assert "n" not in stub.requests[-1]
    assert second[-1].left_out == ("n",)


async def test_a_format_goes_down_from_schema_to_object_to_none():
    message = "This response_format type is unavailable now"
    rules = [
        {"status": 400, "message": message, "has": ["response_format"], "times": 2},
        {"reply": "{}"},
    ]
    request = Request((Message("user", "Answer in JSON."),), response_format=SCHEMA)
    async with StubModel(rules) as stub:
        [chunks] = await talk(stub, request)

    assert [sent.get("response_format", {}).get("type") for sent in stub.requests] == [
        "json_schema",
        "json_object",
        None,
    ]
    assert chunks[-1].left_out == ("response_format",)


async def test_an_object_is_not_asked_for_where_nothing_speaks_of_it():
    given = Capabilities(json_schema=False)
    spoken = Request((Message("user", "As JSON."),), response_format=SCHEMA)
    async with StubModel() as stub:
        silent, other = await talk(stub, Request(HELLO, response_format=SCHEMA), spoken, capabilities=given)

    assert ["response_format" in sent for sent in stub.requests] == [False, True]
    assert (silent[-1].left_out, other[-1].left_out) == (("response_format",), ("json_schema",))


async def test_a_schema_that_is_wrong_is_said_and_nothing_is_learned():
    refusal = {"status": 400, "message": "Invalid schema for response_format 'x'", "code": "invalid_json_schema"}
    async with StubModel([refusal]) as stub:
        with pytest.raises(ModelError) as failed:
            await talk(stub, Request(HELLO, response_format=SCHEMA))

    assert (failed.value.code, len(stub.requests)) == ("bad_request", 1)


@pytest.mark.parametrize(
    ("message", "roles"),
    [
        ("Conversation roles must alternate user/assistant/user/assistant", ["system", "user"]),
        ("System role not supported", ["user", "user"]),
    ],
)
async def test_a_template_that_refuses_roles_gets_them_folded(message, roles):
    messages = (Message("system", "Be brief."), Message("user", "Hello"), Message("user", "there"))
    async with StubModel([{"status": 500, "message": message, "times": 1}, {"reply": "Hi."}]) as stub:
        [chunks] = await talk(stub, Request(messages))

    assert [sent["role"] for sent in stub.requests[1]["messages"]] == roles
    assert chunks[-1].text == "Hi."


async def test_a_refusal_that_changes_nothing_is_not_repeated_for_ever():
    async with StubModel([{"status": 400, "message": "roles must alternate"}]) as stub:
        with pytest.raises(ModelError) as failed:
            await talk(stub, Request(HELLO))

    assert (failed.value.code, len(stub.requests)) == ("bad_request", 2)


async def test_a_choice_that_is_refused_means_no_functions_where_none_are_wanted():
    refuses = {"status": 400, "message": "tool_choice is not supported", "has": ["tool_choice"]}
    async with StubModel([refuses, {"reply": "Hi."}]) as stub:
        await talk(stub, Request(HELLO, functions=(SEARCH,), function_choice="none"))

    assert ["tools" in sent for sent in stub.requests] == [True, False]


async def test_all_clients_of_a_server_know_what_one_has_learned():
    server = Server()
    async with StubModel([{"refuse": ["stop"], "reply": "Hi."}]) as stub:
        await talk(stub, Request(HELLO, stop=("x",)), server=server)
        await talk(stub, Request(HELLO, stop=("x",)), server=server)

    assert ["stop" in sent for sent in stub.requests] == [True, False, False]


async def test_what_was_said_of_a_model_is_heeded_from_the_start():
    given = Capabilities(stop=False, temperature=False, n=False)
    async with StubModel() as stub:
        [chunks] = await talk(stub, Request(HELLO, {"temperature": 0}, stop=("x",), n=2), capabilities=given)

    assert not {"stop", "temperature", "n"} & stub.requests[0].keys()
    assert chunks[-1].left_out == ("n", "stop", "temperature")


async def test_an_overflow_tells_the_window_for_the_next_time():
    refusal = {
        "status": 400,
        "code": "context_length_exceeded",
        "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    }
    async with StubModel([refusal]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub", context_window=8192)
        with pytest.raises(ModelError) as failed:
            [chunk async for chunk in llm.stream(Request(HELLO))]
        await llm.aclose()

    assert (failed.value.code, failed.value.limit, failed.value.asked) == ("context_overflow", 4096, 5000)
    assert llm.context_window == 4096


@pytest.mark.parametrize("message", ["Failed to parse grammar", "Invalid schema for response_format 'x'"])
async def test_a_form_that_is_only_a_wish_is_given_up_where_its_schema_is_refused(message):
    wish = Request(HELLO, response_format=SCHEMA, format_fallback="none")
    other = Request(HELLO, response_format={**SCHEMA, "json_schema": {"name": "y"}}, format_fallback="none")
    async with StubModel([{"status": 400, "message": message, "times": 1}, {"reply": "Hi."}]) as stub:
        first, second, third = await talk(stub, wish, wish, other)

    assert ["response_format" in sent for sent in stub.requests] == [True, False, False, True]
    assert [chunks[-1].left_out for chunks in (first, second, third)] == [("response_format",)] * 2 + [()]


async def test_another_refusal_is_not_blamed_on_a_wish():
    wish = Request(HELLO, response_format=SCHEMA, format_fallback="none")
    async with StubModel([{"status": 400, "message": "nonsense"}]) as stub:
        with pytest.raises(ModelError):
            await talk(stub, wish)

    assert len(stub.requests) == 1


async def test_a_server_that_wants_a_temperature_above_0_goes_without_where_it_is_0():
    refusal = {"status": 422, "message": "`temperature` must be strictly positive", "times": 1}
    cold, warm = Request(HELLO, {"temperature": 0}), Request(HELLO, {"temperature": 0.7})
    async with StubModel([refusal, {"reply": "Hi."}]) as stub:
        first, second = await talk(stub, cold, warm)

    assert [sent.get("temperature") for sent in stub.requests] == [0, None, 0.7]
    assert (first[-1].left_out, second[-1].left_out) == (("temperature",), ())
