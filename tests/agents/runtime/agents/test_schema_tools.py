"""Tools that take an object, called by agents that talk in text."""

import json

import pytest
from jsonschema import Draft202012Validator

from agents.runtime.agents.conversational_react import ConversationalReact
from agents.runtime.agents.text_tools import tool_list
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.events import ModelCalled, ToolCalled
from agents.runtime.llm import Capabilities
from agents.runtime.scripted import ScriptedLLM
from tests.agents.runtime.agents.spoken import CONVERSATIONAL, PROMPT, ZERO_SHOT, scripted
from tests.agents.runtime.fakes import FakeTool, drain, finished, only

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "Where, in\nEnglish"},
        "days": {"type": "integer"},
        "unit": {"type": "string", "enum": ["C", "F"]},
    },
    "required": ["city"],
    "additionalProperties": False,
}
ABLE = Capabilities(json_schema=True)


class Weather(FakeTool):
    schema = SCHEMA


@pytest.fixture
def weather():
    return Weather("Weather", "18 degrees", description="tells the weather", input_kind="schema")


@pytest.fixture(params=[(ZeroShotReact, ZERO_SHOT), (ConversationalReact, CONVERSATIONAL)], ids=["zero-shot", "chat"])
def spoken(request):
    return request.param


def act(given):
    return f"Thought: I look.\nAction: Weather\nAction Input: {given}"


async def run(spoken, llm, *tools):
    agent = spoken[0](llm, PROMPT, tools)
    return await drain(agent.run({"input": "What is the weather in Oslo?"}, ()))


def test_the_fields_of_an_object_are_listed_with_the_tool(weather):
    assert tool_list([weather, FakeTool()]) == (
        "Weather — tells the weather\n"
        '  Input: a JSON object like {"city": "string", "days": "integer", "unit": "string"}\n'
        "  city: Where, in English\n"
        "  days: may be left out\n"
        '  unit: one of "C", "F"; may be left out\n'
        "Search — finds things"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ('{"town": "Oslo"}', "Missing: city"),
        ('{"city": "Oslo", "town": "Oslo"}', "Unknown: town"),
        ('{"city": "Oslo", "unit": "K"}', "unit: 'K' is not one of ['C', 'F']"),
        ("Oslo", "Expecting value: line 1 column 1 (char 0)"),
    ],
)
async def test_an_object_that_does_not_fit_is_asked_for_again_with_its_fields(spoken, weather, given, problem):
    llm = scripted(act(given), act('{"city": "Oslo"}'), spoken[1].done("18"))

    events = await run(spoken, llm, weather)

    assert weather.inputs == [{"city": "Oslo"}]
    assert llm.requests[1].messages[-1].content == (
        "Observation: The input of Weather must be a JSON object like "
        '{"city": "string", "days": "integer", "unit": "string"}. The problem: ' + problem + "."
    )
    assert len(only(events, ToolCalled)) == 1
    assert [call.outcome for call in only(events, ModelCalled)] == ["failed", "reasked", "parsed"]


async def test_values_are_given_as_the_schema_has_them(spoken, weather):
    events = await run(spoken, scripted(act('{"city": "Oslo", "days": "3"}'), spoken[1].done()), weather)

    assert weather.inputs == [{"city": "Oslo", "days": 3}]
    assert "coerced" in finished(events).flags


async def test_a_correction_is_held_to_the_object_of_each_tool(spoken, weather):
    written = {"thought": "I look.", "call": {"action": "Weather", "action_input": {"city": "Oslo", "days": None}}}
    written["call"]["action_input"]["unit"] = "C"
    search = FakeTool()
    llm = ScriptedLLM(act("Oslo"), json.dumps(written), spoken[1].done("18"), capabilities=ABLE)

    events = await run(spoken, llm, weather, search)

    form = llm.requests[1].response_format["json_schema"]
    fits = Draft202012Validator(form["schema"]).is_valid
    assert form["strict"] and fits(written)
    assert not fits({"thought": "", "call": {"action": "Weather", "action_input": "Oslo"}})
    assert not fits({"thought": "", "call": {"action": "Search", "action_input": {"city": "Oslo"}}})
    assert fits({"thought": "", "call": {"action": "Final Answer", "action_input": "18"}})
    assert '"call"' in llm.requests[1].messages[-1].content
    assert weather.inputs == [{"city": "Oslo", "unit": "C"}]
    assert finished(events).answer == "18"


async def test_a_schema_with_references_is_left_to_the_check(spoken):
    tool = Weather("Weather", input_kind="schema")
    tool.schema = {
        "type": "object",
        "properties": {"at": {"$ref": "#/$defs/place"}},
        "required": ["at"],
        "$defs": {"place": {"type": "string"}},
    }
    llm = ScriptedLLM(act("Oslo"), act('{"at": "Oslo"}'), spoken[1].done("18"), capabilities=ABLE)

    await run(spoken, llm, tool)

    assert "$ref" not in json.dumps(llm.requests[1].response_format)
    assert tool.inputs == [{"at": "Oslo"}]
