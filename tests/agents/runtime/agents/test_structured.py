"""The agent that answers in a JSON Schema, against scripted models that do and that don't."""

import asyncio
import json

import pytest

from agents.runtime.agents.structured import Structured
from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import ModelCalled, Notice, StepFinished, StepStarted, TextDelta
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, FunctionCall, Message, Usage
from agents.runtime.prompts import parse_prompt
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.fakes import drain, finished, only, steps
from tests.agents.runtime.providers.streams import call, delta, rule
from tests.stub_model import StubModel

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "born": {"type": "integer"}, "died": {"type": "integer"}},
    "required": ["name", "born"],
}
ADA = '{"name": "Ada", "born": 1815}'
SHOWN = '```json\n{\n  "name": "Ada",\n  "born": 1815\n}\n```'
LADDER = {
    "json_schema": Capabilities(),
    "function": Capabilities(json_schema=False),
    "json_object": Capabilities(json_schema=False, tools=False),
    "prompt": Capabilities(json_schema=False, tools=False, json_object=False),
}


def form(schema=SCHEMA, **output):
    messages = [{"role": "system", "content": "Read."}, {"role": "user", "content": "{{ input }}"}]
    return parse_prompt({"messages": messages, "output": {"kind": "json", "schema": schema, **output}})


async def run(llm, limits=None, prompt=None, into=None):
    return await drain(Structured(llm, prompt or form(), limits or Limits()).run({"input": "Ada, 1815"}), into=into)


async def test_the_answer_is_a_block_of_json_that_grows_and_its_value():
    events = await run(ScriptedLLM(ADA))

    end = finished(events)
    assert steps(events) == [("answer", SHOWN)]
    assert (end.answer, end.stop_reason, end.outcome) == (SHOWN, "finished", "parsed")
    assert json.loads(end.extraction.value) == {"name": "Ada", "born": 1815}
    pieces = [event.text for event in only(events, TextDelta)]
    assert pieces[0] == "```json\n" and len(pieces) > 5
    assert SHOWN.startswith("".join(pieces)), "what was shown needs its end alone"


async def test_fields_keep_the_order_of_the_model():
    events = await run(ScriptedLLM('{"born": 1815, "name": "Ada"}'))

    assert list(json.loads(finished(events).answer.strip("`").removeprefix("json"))) == ["born", "name"]


@pytest.mark.parametrize(("rung", "capabilities"), LADDER.items())
async def test_the_server_is_held_to_the_schema_as_firmly_as_it_can(rung, capabilities):
    answer = reply("", finish_reason="stop", calls=(FunctionCall("c", "answer", ADA),)) if rung == "function" else ADA
    llm = ScriptedLLM(answer, capabilities=capabilities)

    end = finished(await run(llm))

    (request,) = llm.requests
    described = (request.response_format or {}).get("json_schema", {})
    assert (end.answer, end.outcome) == (SHOWN, "parsed")
    assert "It must match this JSON Schema" in request.messages[0].content
    match rung:
        case "json_schema":
            assert described["strict"] is True and set(described["schema"]["required"]) == {"name", "born", "died"}
        case "function":
            (function,) = request.functions
            assert (request.function_choice, function.strict, request.response_format) == ("answer", True, None)
        case "json_object":
            assert (request.response_format, request.functions) == ({"type": "json_object"}, ())
        case "prompt":
            assert (request.response_format, request.functions) == (None, ())


@pytest.mark.parametrize("rung", ["json_object", "prompt"])
async def test_where_nothing_else_holds_it_the_schema_is_in_the_prompt(rung):
    llm = ScriptedLLM(ADA, capabilities=LADDER[rung])
    await run(llm, prompt=form(instruction="none"))

    assert "JSON Schema" in llm.requests[0].messages[0].content


async def test_a_server_that_refuses_the_format_is_asked_by_the_next_means():
    llm = ScriptedLLM(ModelError("bad_request", "No."), ModelError("unsupported", "No."), ADA)

    events = await run(llm)

    assert finished(events).answer == SHOWN
    assert [bool(request.functions) for request in llm.requests] == [False, True, False]
    assert llm.requests[2].response_format == {"type": "json_object"}


async def test_a_server_that_doesn_t_take_the_format_costs_one_call_that_fails():
    refusal = {"status": 400, "message": "Unsupported: response_format json_schema", "times": 1}
    called = rule(delta(tool_calls=[call(0, "c", "answer", ADA)]), delta(finish="tool_calls"))
    async with StubModel([refusal, called]) as stub:
        llm = OpenAICompatible(base_url=stub.base_url, api_key="k", model="stub")
        first, second = await run(llm), await run(llm)
        await llm.aclose()

    assert [finished(events).answer for events in (first, second)] == [SHOWN, SHOWN]
    assert ["tools" in sent for sent in stub.requests] == [False, True, True]
    assert [made.outcome for made in only(first, ModelCalled)] == ["failed", "parsed"]


async def test_other_failures_end_the_run():
    seen = []
    with pytest.raises(ModelError):
        await run(ScriptedLLM(ModelError("auth", "No."), ADA), into=seen)

    assert only(seen, ModelCalled)[0].outcome == "failed"


async def test_what_a_strict_answer_gives_as_null_is_missing():
    events = await run(ScriptedLLM('{"name": "Ada", "born": 1815, "died": null}'))

    assert (finished(events).answer, finished(events).outcome) == (SHOWN, "parsed")


async def test_an_answer_that_breaks_the_schema_is_asked_for_once_more():
    llm = ScriptedLLM('{"name": "Ada", "born": "1815!"}', ADA)

    events = await run(llm)

    assert steps(events) == [("answer", ""), ("answer", SHOWN)]
    assert [notice.code for notice in only(events, Notice)] == ["format_correction"]
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "reasked"]
    assert finished(events).outcome == "reasked"
    faulty, told = llm.requests[1].messages[-2:]
    assert faulty == Message("assistant", '{"name": "Ada", "born": "1815!"}')
    assert "born: '1815!' is not of type 'integer'" in told.content
    assert llm.requests[1].response_format == llm.requests[0].response_format


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"name": "Ada"}', '```json\n{\n  "name": "Ada"\n}\n```'),
        ("Ada was born in 1815.", "Ada was born in 1815."),
    ],
)
async def test_after_a_second_failure_the_text_is_kept_and_said_not_to_conform(text, kept):
    events = await run(llm := ScriptedLLM(text))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome, end.extraction.value) == (kept, "format_errors", "failed", None)
    assert len(llm.requests) == 2
    assert only(events, Notice)[-1].text.startswith("The answer isn't in the form that was asked for: ")
    assert [text for kind, text in steps(events) if kind == "answer"][-1] == kept


async def test_json_in_prose_is_repaired_and_said_to_be():
    events = await run(ScriptedLLM(f"Here you are:\n```json\n{ADA}\n```\nDone.", capabilities=LADDER["prompt"]))

    assert (finished(events).answer, finished(events).outcome) == (SHOWN, "repaired")
    assert finished(events).flags == ("fence",)


async def test_a_reply_cut_off_is_asked_for_again():
    llm = ScriptedLLM(reply('{"name": "Ada", "bo', finish_reason="length"), ADA)

    events = await run(llm)

    assert [call.outcome for call in only(events, ModelCalled)] == ["truncated", "reasked"]
    assert "cut off" in llm.requests[1].messages[-1].content


async def test_a_refusal_is_final():
    events = await run(llm := ScriptedLLM(reply("I can't help with that.", refused=True)))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome) == ("I can't help with that.", "refused", "refused")
    assert len(llm.requests) == 1


async def test_a_content_filter_ends_the_run():
    seen = []
    with pytest.raises(RunError) as failed:
        await run(ScriptedLLM(reply(ADA, finish_reason="content_filter")), into=seen)

    assert failed.value.code == "content_filter"
    assert only(seen, ModelCalled)[0].outcome == "refused"


async def test_thinking_is_a_thought():
    events = await run(ScriptedLLM(reply(f"<think>Hm.</think>{ADA}", reasoning="So.")))

    assert steps(events) == [("thought", "So.Hm."), ("answer", SHOWN)]


async def test_thinking_behind_the_answer_leaves_one_answer():
    events = await run(ScriptedLLM(f"{ADA}<think>Was that right?</think>"))

    assert steps(events) == [("answer", SHOWN)]
    assert finished(events).answer == SHOWN


async def test_a_schema_that_is_no_object_is_wrapped_on_the_way():
    schema = {"type": "array", "items": {"type": "string"}}

    events = await run(ScriptedLLM('{"answer": ["a", "b"]}'), prompt=form(schema))

    assert finished(events).answer == '```json\n[\n  "a",\n  "b"\n]\n```'


async def test_the_time_limit_keeps_what_was_written():
    llm = ScriptedLLM('{"name": "' + "Ada " * 2000, delay_s=0.001)

    events = await run(llm, Limits(timeout_s=0.2))

    end = finished(events)
    assert (end.stop_reason, end.outcome, llm.closed_early) == ("timeout", "truncated", 1)
    assert end.answer.startswith('```json\n{\n  "name": "Ada Ada') and end.answer.endswith("\n```")


async def test_limits_before_anything_was_written_are_errors():
    with pytest.raises(RunError) as late:
        await run(ScriptedLLM(ADA, delay_s=60), Limits(timeout_s=0.05))
    with pytest.raises(RunError) as dear:
        await run(ScriptedLLM(ADA), Limits(max_total_tokens=1))

    assert (late.value.code, dear.value.code) == ("timeout", "token_budget")


async def test_a_correction_beyond_the_budget_is_not_asked_for():
    llm = ScriptedLLM(reply('{"name": "Ada"}', usage=Usage(900, 200)))

    end = finished(await run(llm, Limits(max_total_tokens=1000, on_limit="force")))

    assert (end.stop_reason, end.outcome, len(llm.requests)) == ("token_budget", "failed", 1)


@pytest.mark.parametrize(
    ("last", "answer", "outcome"), [(ADA, SHOWN, "parsed"), ("No idea.", '{"name": "Ada"}', "failed")]
)
async def test_at_a_limit_one_last_call_may_still_fill_in_the_form(last, answer, outcome):
    llm = ScriptedLLM(reply('{"name": "Ada"}', usage=Usage(900, 200)), last)

    events = await run(llm, Limits(max_total_tokens=1000))

    end, asked = finished(events), llm.requests[1]
    assert (end.answer, end.stop_reason, end.outcome) == (answer, "token_budget", outcome)
    assert only(events, ModelCalled)[1].outcome == outcome
    assert asked.response_format == llm.requests[0].response_format
    assert "Give the answer now in the form" in asked.messages[-1].content


async def test_a_last_call_by_a_function_is_read_as_well():
    called = reply("", calls=(FunctionCall("c", "answer", ADA),))
    llm = ScriptedLLM(reply("{}", usage=Usage(900, 200)), called, capabilities=LADDER["function"])

    end = finished(await run(llm, Limits(max_total_tokens=1000)))

    assert (end.answer, end.stop_reason) == (SHOWN, "token_budget")


async def test_an_empty_answer_is_an_error():
    seen = []
    with pytest.raises(ModelError):
        await run(ScriptedLLM(""), into=seen)

    assert len(only(seen, ModelCalled)) == 2


async def test_cancelling_closes_the_stream():
    llm = ScriptedLLM(ADA * 1000, delay_s=0.001)
    waiting = asyncio.ensure_future(run(llm))
    async with asyncio.timeout(1):
        while not llm.requests:
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert llm.closed_early == 1


async def test_every_step_ends():
    events = await run(ScriptedLLM("no", "neither"))

    assert {event.step for event in only(events, StepStarted)} == {event.step for event in only(events, StepFinished)}
