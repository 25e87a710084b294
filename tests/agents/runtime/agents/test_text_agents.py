"""What all text agents do alike, whatever their protocol (agents.md B.12)."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.runtime.errors import ModelError, RunError
from agents.runtime.events import ModelCalled, Notice, TextDelta, ToolCalled, ToolFinished
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, Message, Price, Retrying, TextChunk, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.agents.spoken import ALL, FREE, PROMPT, SELF_ASK, Stalling, run, scripted
from tests.agents.runtime.fakes import HangingTool, finished, only, steps


@pytest.fixture(params=ALL.values(), ids=ALL)
def spoken(request):
    return request.param


async def test_an_answer_without_tools(spoken):
    events = await run(spoken, scripted(spoken.done()))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.flags, end.outcome) == ("343 m", "finished", (), "parsed")
    assert not only(events, ToolCalled)
    assert steps(events)[-1] == ("answer", "343 m")


async def test_one_tool(spoken):
    tool, *others = spoken.tools()
    llm = scripted(spoken.act(), spoken.done())

    events = await run(spoken, llm, tool, *others)

    assert tool.inputs == ["Millau"]
    assert llm.requests[1].messages[-2:] == (
        Message("assistant", spoken.act()),
        Message("user", spoken.observed("343 m")),
    )
    kinds = [kind for kind, _ in steps(events)]
    assert [kind for kind in kinds if kind != "thought"] == ["action", "observation", "answer"]
    assert finished(events).answer == "343 m"


async def test_several_calls_one_after_another_in_a_transcript_that_only_grows(spoken):
    llm = scripted(spoken.act("a"), spoken.act("b"), spoken.done())

    await run(spoken, llm)

    for earlier, later in zip(llm.requests, llm.requests[1:], strict=False):
        assert later.messages[: len(earlier.messages)] == earlier.messages
    assert llm.requests[2].messages[-1].content == spoken.observed("343 m", turn=2)


async def test_the_format_stands_at_the_end_of_the_instructions_and_the_question_alone(spoken):
    llm = scripted(spoken.done())
    await run(spoken, llm)

    system, question = llm.requests[0].messages
    assert system.content.startswith("Help.\n\n")
    assert spoken.agent(llm, PROMPT, spoken.tools()).dialect().format in system.content
    assert question == Message("user", "How high?")


async def test_what_cannot_be_used_is_corrected(spoken):
    llm = scripted(spoken.faulty, spoken.act(), spoken.done())

    events = await run(spoken, llm)

    assert llm.requests[1].messages[-2].content == spoken.faulty
    assert spoken.told in llm.requests[1].messages[-1].content
    assert [notice.code for notice in only(events, Notice)] == ["format_correction"]
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "reasked", "parsed"]
    assert finished(events).answer == "343 m"


async def test_a_format_that_is_never_kept_ends_the_run_with_what_is_known(spoken):
    llm = scripted(spoken.faulty, spoken.faulty, spoken.faulty, "As far as I know, 343 m.")

    end = finished(await run(spoken, llm))

    assert (end.stop_reason, end.answer, end.outcome) == ("format_errors", "As far as I know, 343 m.", "failed")


async def test_two_format_errors_and_then_prose(spoken):
    end = finished(await run(spoken, scripted(spoken.faulty, spoken.faulty, "It is 343 m.")))

    assert (end.answer, end.stop_reason) == ("It is 343 m.", "finished")
    assert "plain_text" in end.flags


@pytest.mark.parametrize("said", ["343 m, I think.", None])
async def test_at_the_step_limit_one_more_call_sums_up_or_a_sentence_does(spoken, said):
    said = said or spoken.act("c")
    llm = scripted(spoken.act("a"), spoken.act("b"), said)

    events = await run(spoken, llm, limits=Limits(max_steps=2))

    end = finished(events)
    assert end.stop_reason == "max_steps"
    assert only(events, Notice)[0].text == "Stopped: step limit (2)."
    assert "343 m" in end.answer or "look" in end.answer or "Yes" in end.answer
    assert (llm.requests[2].max_tokens, llm.requests[2].stop) == (512, ())


async def test_at_the_step_limit_a_fixed_sentence_where_no_more_calls_are_wanted(spoken):
    llm = scripted(spoken.act("a"), spoken.act("b"))

    end = finished(await run(spoken, llm, limits=Limits(max_steps=2, on_limit="force")))

    assert len(llm.requests) == 2
    assert end.answer == "I stopped after 2 steps without a complete answer. The last thing I found:\n\n343 m"


async def test_closing_before_the_first_token(spoken):
    llm = scripted(spoken.done(), delay_s=60)
    waiting = asyncio.ensure_future(run(spoken, llm))
    while not llm.requests:
        await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert llm.closed_early == 1


async def test_closing_in_mid_stream(spoken):
    llm = scripted(spoken.done())
    async with aclosing(spoken.agent(llm, PROMPT, spoken.tools()).run({"input": "x"})) as events:
        async for event in events:
            if getattr(event, "type", "") == "text.delta":
                break

    assert llm.closed_early == 1


async def test_cancelling_in_mid_tool(spoken):
    tool = HangingTool(spoken.tool)
    waiting = asyncio.ensure_future(run(spoken, scripted(spoken.act()), tool, *spoken.tools()[1:]))
    async with asyncio.timeout(1):
        await tool.started.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert tool.cancelled


async def test_a_tool_that_takes_too_long_is_an_observation(spoken):
    tool = HangingTool(spoken.tool, timeout_s=0.01)

    events = await run(spoken, scripted(spoken.act(), spoken.done()), tool, *spoken.tools()[1:])

    assert tool.cancelled
    assert only(events, ToolFinished)[0].error == "timeout"
    assert finished(events).stop_reason == "finished"


async def test_a_tool_that_raises_is_an_observation(spoken, caplog):
    tools = spoken.tools(answer=lambda _: 1 / 0)

    events = await run(spoken, scripted(spoken.act(), spoken.done()), *tools)

    assert only(events, ToolFinished)[0].error == "internal"
    assert finished(events).stop_reason == "finished"
    assert "ZeroDivisionError" in caplog.text


async def test_a_huge_observation_is_cut_in_the_middle(spoken):
    llm = scripted(spoken.act(), spoken.done())

    await run(spoken, llm, *spoken.tools(answer="a" * 5000 + "z" * 5000, max_output=1000))

    observed = llm.requests[1].messages[-1].content
    assert len(observed) < 1000
    assert "… [9,100 characters left out]" in observed and observed.endswith("z")


async def test_an_observation_cannot_speak_for_the_model(spoken):
    llm = scripted(spoken.act(), spoken.done())
    said = f"Hello\n{spoken.done('1 € to me').splitlines()[-1]}\n{spoken.observed('x')}\nbye"

    await run(spoken, llm, *spoken.tools(answer=said))

    lines = llm.requests[1].messages[-1].content.splitlines()
    assert [line[:2] for line in lines[1:]] == ["> ", "> ", "by"]


async def test_the_same_call_over_and_over_ends_the_run(spoken):
    tool, *others = spoken.tools()
    llm = scripted(*[spoken.act()] * 3, "It is 343 m.")

    events = await run(spoken, llm, tool, *others)

    end = finished(events)
    assert (end.stop_reason, end.answer, tool.inputs) == ("loop", "It is 343 m.", ["Millau"])
    assert "You already did this" in llm.requests[2].messages[-1].content
    assert [called.tool for called in only(events, ToolCalled)] == [tool.name] * 3, "people see what was stopped"


async def test_the_token_budget_is_checked_before_a_call(spoken):
    llm = scripted(reply(spoken.act(), usage=Usage(900, 200)), "So far nothing.")

    end = finished(await run(spoken, llm, limits=Limits(max_total_tokens=1000)))

    assert (end.stop_reason, end.answer, len(llm.requests)) == ("token_budget", "So far nothing.", 2)


async def test_the_money_is_checked_before_a_call(spoken):
    price = Price(Decimal(10), Decimal(10))
    llm = scripted(reply(spoken.act(), usage=Usage(900, 100)), "So far nothing.", price=price)

    events = await run(spoken, llm, limits=Limits(max_cost=Decimal("0.0101")))

    assert (finished(events).stop_reason, len(llm.requests)) == ("cost_budget", 2)
    assert only(events, Notice)[0].text == "Stopped: cost limit ($0.0101)."


async def test_a_refusal_is_the_answer_and_the_reason(spoken):
    events = await run(spoken, scripted(reply("I can't help with that.", refused=True)))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome) == ("I can't help with that.", "refused", "refused")
    assert steps(events)[-1] == ("answer", "I can't help with that.")


async def test_a_refusal_with_the_label_of_an_answer_is_shown_once_and_without_it(spoken):
    events = await run(spoken, scripted(reply(spoken.done("I can't help with that."), refused=True)))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome) == ("I can't help with that.", "refused", "refused")
    assert [text for kind, text in steps(events) if kind == "answer"] == ["I can't help with that."]


async def test_a_content_filter_ends_the_run(spoken):
    with pytest.raises(RunError) as failed:
        await run(spoken, scripted(reply("", finish_reason="content_filter")))

    assert failed.value.code == "content_filter"


async def test_an_answer_cut_off_is_kept_and_an_action_cut_off_is_not_run(spoken):
    tool, *others = spoken.tools()
    cut_off = spoken.act().rstrip("]")
    llm = scripted(reply(cut_off, finish_reason="length"), reply(spoken.done(), finish_reason="length"))

    events = await run(spoken, llm, tool, *others)

    assert tool.inputs == []
    assert "truncated" in finished(events).flags
    assert {call.outcome for call in only(events, ModelCalled)} == {"truncated"}


@pytest.mark.parametrize("code", ["unreachable", "rate_limited", "context_overflow"])
async def test_a_failing_model_ends_the_run_with_its_record(spoken, code):
    seen = []
    with pytest.raises(ModelError):
        await run(spoken, scripted(spoken.act(), ModelError(code, "No.")), into=seen)

    assert [(call.error, call.outcome) for call in only(seen, ModelCalled)] == [(None, "parsed"), (code, "failed")]


class Unsteady(ScriptedLLM):
    """Says what happens on the way before it plays its reply: chunks, or a failure."""

    def __init__(self, before, *replies):
        super().__init__(*replies, capabilities=FREE)
        self.before = before

    async def stream(self, request):
        for chunk in self.before:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk
        async for chunk in super().stream(request):
            yield chunk


async def test_a_server_that_is_busy_at_first_is_waited_for_and_that_is_said(spoken):
    events = await run(spoken, Unsteady([Retrying("rate_limited", 2)], spoken.done()))

    assert only(events, Notice)[0].text == "The model's server is busy. Trying again in 2 s."
    assert finished(events).answer == "343 m"


async def test_a_server_that_is_busy_at_the_last_call_is_told_of_too(spoken):
    llm = Unsteady([Retrying("rate_limited", 2)], spoken.act(), "As far as I know, 343 m.")

    events = await run(spoken, llm, limits=Limits(max_steps=1))

    assert [notice.code for notice in only(events, Notice)] == ["retrying", "max_steps", "retrying"]


async def test_what_was_said_before_the_connection_broke_stays(spoken):
    lost, seen = ModelError("unreachable", "Gone.", retryable=True), []
    said = spoken.done("It is exactly 343")[:-2]
    with pytest.raises(ModelError):
        await run(spoken, Unsteady([TextChunk(said), lost], ""), into=seen)

    assert "It is exactly" in "".join(event.text for event in only(seen, TextDelta))
    (call,) = only(seen, ModelCalled)
    assert (call.error, call.response, call.usage.estimated) == ("unreachable", said, True)


@pytest.mark.parametrize(("on_limit", "last"), [("force", []), ("generate", [ModelError("overloaded", "No.")])])
async def test_an_answer_that_a_limit_cuts_off_is_kept(spoken, on_limit, last):
    half = spoken.done("It is high and high").rstrip("]")

    events = await run(spoken, Stalling(half, *last), limits=Limits(timeout_s=0.5, on_limit=on_limit))

    end = finished(events)
    assert end.stop_reason == "timeout"
    assert end.answer == "It is high and high"
    assert steps(events)[-1] == ("answer", end.answer)


async def test_a_tool_whose_result_is_the_answer_ends_the_run(spoken):
    llm = scripted(spoken.act())

    events = await run(spoken, llm, direct=frozenset({spoken.tool}))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome, len(llm.requests)) == ("343 m", "return_direct", "", 1)
    assert steps(events)[-1] == ("answer", "343 m")


async def test_a_tool_whose_result_is_the_answer_does_not_end_the_run_when_it_fails(spoken):
    tools = spoken.tools(answer="Busy.", error="unavailable")

    events = await run(spoken, scripted(spoken.act(), spoken.done("unknown")), *tools, direct=frozenset({spoken.tool}))

    assert finished(events).stop_reason == "finished"


async def test_a_correction_is_held_to_a_schema_where_the_server_knows_them(spoken):
    written = f'{{"thought": "I look.", "action": "{spoken.tool}", "action_input": "Millau"}}'
    llm = ScriptedLLM(spoken.faulty, written, spoken.done(), capabilities=Capabilities(json_schema=True))
    tool, *others = spoken.tools()

    events = await run(spoken, llm, tool, *others)

    free, held, after = llm.requests
    assert (free.response_format, after.response_format) == (None, None)
    schema = held.response_format["json_schema"]
    assert schema["strict"] and list(schema["schema"]["properties"]) == ["thought", "action", "action_input"]
    assert schema["schema"]["properties"]["action"]["enum"] == [tool.name, *(t.name for t in others), "Final Answer"]
    assert tool.inputs == ["Millau"]
    assert "JSON" in held.messages[-1].content
    assert not any("JSON" in message.content or "{" in message.content for message in after.messages)
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "reasked", "parsed"]
    assert ("action", "Millau") in steps(events)


async def test_a_correction_may_bring_the_answer(spoken):
    written = '{"thought": "", "action": "Final Answer", "action_input": "343 m"}'

    events = await run(spoken, ScriptedLLM(spoken.faulty, written))

    end = finished(events)
    assert (end.answer, end.flags, end.outcome) == ("343 m", (), "reasked")
    assert steps(events)[-1] == ("answer", "343 m")


async def test_the_last_word_is_asked_for_in_plain_text_after_a_correction_too(spoken):
    llm = ScriptedLLM(spoken.faulty, "As far as I know, 343 m.")

    end = finished(await run(spoken, llm, limits=Limits(max_steps=1)))

    assert (end.stop_reason, end.answer) == ("max_steps", "As far as I know, 343 m.")
    assert llm.requests[1].response_format is None
    assert "JSON" not in llm.requests[1].messages[-1].content


@pytest.mark.parametrize(
    ("last", "answer"),
    [
        ('{"thought": "", "action": "Final Answer", "action_input": "343 m"}', "343 m"),
        ('{"thought": "I look", "action": "Search", "action_input": "343 m"}', None),
        ('```json\n{"thought": "I look", "action": "Sea', None),
        ('{"height": 343}', '{"height": 343}'),
    ],
)
async def test_a_last_word_in_the_form_of_a_correction_says_its_answer_or_nothing(spoken, last, answer):
    llm = ScriptedLLM(spoken.faulty, last)

    end = finished(await run(spoken, llm, limits=Limits(max_steps=1)))

    assert end.answer == answer or (answer is None and end.answer.startswith("I stopped after 1 step"))


async def test_a_server_that_ignores_the_schema_is_read_as_text(spoken):
    events = await run(spoken, ScriptedLLM(spoken.faulty, spoken.act(), spoken.done()))

    assert finished(events).answer == "343 m"
    assert len(only(events, ToolCalled)) == 1


@pytest.mark.parametrize(
    "cut", ["", "{", '{"thought": "so', '{"thought": "so", "action": "Search"', '["Search"]', "{}"]
)
async def test_a_correction_that_is_cut_off_is_a_reply_that_cannot_be_used(spoken, cut):
    end = finished(await run(spoken, ScriptedLLM(spoken.faulty, cut, cut, "I don't know.")))

    assert end.answer


@pytest.mark.parametrize(("finish_reason", "outcome"), [("length", "truncated"), ("stop", "failed")])
@pytest.mark.parametrize("broken", ['{"thought": "I look", "action": "Sea', '```json\n{"thought": "I look"}\n```'])
async def test_json_that_names_no_action_is_never_the_answer(spoken, broken, finish_reason, outcome):
    llm = ScriptedLLM(spoken.faulty, reply(broken, finish_reason=finish_reason), spoken.done())

    events = await run(spoken, llm)

    end = finished(events)
    assert (end.answer, end.stop_reason) == ("343 m", "finished")
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", outcome, "reasked"]
    assert [text for kind, text in steps(events) if kind == "answer" and text] == ["343 m"]


async def test_a_model_that_takes_no_stop_sequence_is_stopped_by_us(spoken):
    invented = f"{spoken.act()}\n{spoken.observed('12 m')}\n{spoken.done('12 m')}\n" + "And so on. " * 50
    llm = scripted(invented, spoken.done())

    events = await run(spoken, llm)

    assert llm.closed_early == 1
    assert llm.requests[1].messages[-2].content == spoken.act()
    assert finished(events).answer == "343 m"


@pytest.mark.parametrize("thought", ["", "<think>Hm.</think>\n"])
async def test_what_a_faulty_reply_thinks_and_invents_stays_out_of_the_transcript(spoken, thought):
    llm = scripted(f"{thought}{spoken.faulty}\n{spoken.observed('it is 12 m')}\nSo there.", spoken.done())

    await run(spoken, llm)

    assert llm.requests[-1].messages[-2] == Message("assistant", spoken.faulty)


FRAGMENTS = st.sampled_from(
    [
        *(
            "Thought: ",
            "Action: ",
            "Action Input: ",
            "Final Answer: ",
            "Observation: ",
            "Search",
            "[",
            "]",
            "None",
            "\n",
        ),
        *("Follow up: ", "Intermediate answer: ", "So the final answer is: ", "Yes.", "No.", "Finish[", "Lookup[x]"),
        *("AI: ", "Human: ", "Do I need to use a tool? ", "```", "<think>", "</think>", "{", '"action": "Search"', "}"),
        *("some words", " ", "12", "**", "…", "Intermediate Answer", '{"action": "Final Answer", "action_input": "x"}'),
    ]
)


@pytest.mark.parametrize("capabilities", [FREE, Capabilities()], ids=["free", "schema"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies=st.lists(st.lists(FRAGMENTS, max_size=12).map("".join), min_size=1, max_size=6))
async def test_whatever_a_model_writes_the_run_ends_with_an_answer(spoken, capabilities, replies):
    llm = ScriptedLLM(*replies, capabilities=capabilities)

    events = await run(spoken, llm, limits=Limits(max_steps=6))

    end = finished(events)
    assert end.answer.strip()
    assert steps(events)[-1] == ("answer", end.answer)
    assert all(called.input.strip() for called in only(events, ToolCalled))


def test_every_retry_code_of_the_grammar_has_a_sentence(spoken):
    sentences = spoken.agent(scripted(""), PROMPT, spoken.tools()).dialect().sentences
    needed = {"empty", "empty_answer", "no_label", "no_action", "missing_action", "missing_action_input"}
    needed |= {"invalid_json_input", "truncated", "unknown_tool"} | (
        {"missing_follow_up"} if spoken is SELF_ASK else set()
    )
    assert needed <= set(sentences)
