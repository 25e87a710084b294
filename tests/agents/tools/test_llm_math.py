"""The Calculator tool: calculates itself, has questions translated, never takes over a made-up number."""

import asyncio

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalled, ModelCalling
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import ToolContext
from agents.tools.llm_math import Calculator


async def use(text, *replies):
    llm, events = ScriptedLLM(*replies or ["unused"]), []
    result = await Calculator().run(text, ToolContext(llm=llm, step=3, report=events.append))
    return result, llm, events


async def test_an_expression_needs_no_model():
    result, llm, _ = await use("37*43+12")
    assert (result.text, result.error) == ("1603", None)
    assert not llm.requests


async def test_a_question_is_translated_and_calculated():
    result, llm, events = await use("What is 37593 times 67?", '{"expression":"37593 * 67"}')
    assert result.text == "37593 * 67 = 2518731"
    assert llm.requests[0].response_format["type"] == "json_schema"
    assert llm.requests[0].parameters == {"temperature": 0}
    assert [type(event) for event in events] == [ModelCalling, ModelCalled]
    assert events[1].step == 3


@pytest.mark.parametrize("reply", ['{"expression": null}', '{"expression": "42"}', "42", '{"answer": 1}', "[]"])
async def test_what_is_no_calculation_is_not_taken_over(reply):
    result, _, _ = await use("How many people live in Rome?", reply)
    assert result.text == "This can't be written as one calculation."
    assert result.error == "bad_input"


async def test_a_bad_translation_gets_one_more_try():
    result, llm, _ = await use("two over three", '{"expression": "2 over 3"}', '{"expression": "2 / 3"}')
    assert result.text == "2 / 3 = 0.666666666666667"
    assert "can't be calculated" in llm.requests[1].messages[-1].content


@pytest.mark.parametrize(
    ("replies", "outcomes"),
    [
        (['{"expression": "2 over 3"}', '{"expression": "2 / 3"}'], ["parsed", "reasked"]),
        (['{"expression": null}'], ["parsed"]),
        (["two thirds"], ["failed"]),
        (['"expression"'], ["failed"]),
        ([reply('{"expression": "2 / 3"}', finish_reason="length")], ["truncated"]),
        ([ModelError("unreachable", "down")], ["failed"]),
    ],
)
async def test_what_became_of_each_translation_is_recorded(replies, outcomes):
    _, _, events = await use("two over three", *replies)
    assert [event.outcome for event in events if isinstance(event, ModelCalled)] == outcomes


async def test_two_bad_translations_are_told():
    result, llm, _ = await use("nonsense", '{"expression": "x + 1"}')
    assert len(llm.requests) == 2
    assert result.text.startswith("Calculator could not use this input: it has a name that is no known function")


async def test_a_division_by_zero_is_told_without_asking_the_model():
    result, llm, _ = await use("1/0")
    assert result.text == "Calculator could not use this input: it divides by zero. Change it and try again."
    assert not llm.requests


async def test_a_model_that_is_down_is_the_tools_failure_and_its_call_is_kept():
    result, _, events = await use("two plus two", ModelError("unreachable", "down"))
    assert [event.error for event in events if isinstance(event, ModelCalled)] == ["unreachable"]
    assert (result.error, result.text) == ("unavailable", "Calculator cannot be reached at the moment.")


async def test_a_call_that_the_time_limit_cuts_off_is_kept():
    calculator = Calculator(timeout_s=0.1)
    context = ToolContext(llm=ScriptedLLM("x" * 4000, delay_s=0.02), step=3, report=lambda _: None)
    run = ToolRun(calculator, "two plus two", context, deadline=asyncio.get_running_loop().time() + 60)

    events = [event async for event in run.events()]

    assert run.result.error == "timeout"
    assert [(event.error, event.usage.estimated) for event in events if isinstance(event, ModelCalled)] == [
        ("cancelled", True)
    ]
