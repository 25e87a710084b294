"""A chain in the hands of an agent."""

from dataclasses import replace

from agents.runtime.agents.tool_calling import ToolCalling
from agents.runtime.agents.tool_schemas import parameters_of
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.chains import ChainTool, parse_chain
from agents.runtime.errors import ConfigurationError, ModelError
from agents.runtime.events import ModelCalled, StepStarted, ToolFinished
from agents.runtime.limits import Limits
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.tools import ToolContext
from tests.agents.runtime.chains.parts import asks, chain_of, step
from tests.agents.runtime.fakes import drain, finished, only, prompt, steps

BRAND = {
    "inputs": ["product"],
    "steps": [step("name", inputs={"value": "input.product"}), step("slogan", inputs={"value": "steps.name"})],
}
CALL = "Thought: brand it\nAction: Brand\nAction Input: socks"
ANSWER = "Thought: done\nFinal Answer: Here it is."


def brand(llm, limits_seen=None, failure=None):
    async def make(limits):
        if failure:
            raise failure
        if limits_seen is not None:
            limits_seen.append(limits)
        return chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, limits)

    return ChainTool(make, parse_chain(BRAND), "Brand", "Finds a name and a slogan for a product.")


async def ask(llm, tool, limits=None):
    return await drain(ZeroShotReact(llm, prompt(), [tool], limits).run({"input": "Brand my socks"}))


async def test_its_steps_stand_beneath_the_action_and_its_answer_is_the_observation():
    llm = ScriptedLLM(CALL, "Toes", "Go!", ANSWER)

    events = await ask(llm, brand(llm))

    kinds = [event.kind for event in only(events, StepStarted)]
    assert kinds == [
        "thought",
        "action",
        "plan",
        "observation",
        "plan",
        "observation",
        "observation",
        "thought",
        "answer",
    ]
    numbers = [event.step for event in only(events, StepStarted)]
    assert sorted(numbers) == numbers == list(range(1, len(numbers) + 1))
    assert [event.parent for event in only(events, StepStarted)][1:7] == [None, 2, 3, 2, 5, 2]
    assert steps(events)[1] == ("action", "socks")
    assert only(events, ToolFinished)[0].output == "Go!"
    assert finished(events).answer == "Here it is."
    assert "Go!" in llm.requests[-1].messages[-1].content


async def test_it_has_what_is_left_of_the_agents_budget():
    seen = []
    llm = ScriptedLLM(reply(CALL), reply("Toes"), reply("Go!"), reply(ANSWER))

    await ask(llm, brand(llm, seen), Limits(max_total_tokens=10_000, timeout_s=30))

    assert seen[0].max_total_tokens == 10_000 - 15
    assert 29 < seen[0].timeout_s <= 30


async def test_a_failure_is_an_observation():
    llm = ScriptedLLM(CALL, ModelError("bad_request", "The server refused the request."), ANSWER)

    events = await ask(llm, brand(llm))

    (end,) = only(events, ToolFinished)
    assert end.error == "unavailable"
    assert end.output.startswith("Brand failed: The step “Name” failed: The server refused")
    assert finished(events).answer == "Here it is."


async def test_a_chain_that_can_not_be_built_is_an_observation():
    llm = ScriptedLLM(CALL, ANSWER)

    events = await ask(llm, brand(llm, failure=ConfigurationError("The prompt is gone.")))

    assert only(events, ToolFinished)[0].error == "not_configured"


async def test_a_time_limit_of_its_own_ends_it_with_all_that_was_open():
    llm = ScriptedLLM("word " * 3000, delay_s=0.001)
    asking = ScriptedLLM(CALL, ANSWER)
    tool = replace(brand(llm), timeout_s=0.1)

    events = await ask(asking, tool)

    assert only(events, ToolFinished)[0].error == "timeout"
    assert "cancelled" in [call.error for call in only(events, ModelCalled)]
    assert finished(events).answer == "Here it is."


async def test_several_inputs_make_an_object():
    two = {"inputs": ["a", {"name": "b", "type": "number", "description": "how many"}], "steps": [step("x", inputs={})]}
    tool = replace(brand(ScriptedLLM("x")), spec=parse_chain(two))

    assert (tool.input_kind, brand(ScriptedLLM("x")).input_kind) == ("schema", "text")
    assert parameters_of(tool) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "number", "description": "how many"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }


async def test_a_model_that_calls_functions_is_told_the_fields():
    two = {"inputs": ["a", "b"], "steps": [step("x", inputs={})]}
    llm = ScriptedLLM("Hello.")
    tool = replace(brand(llm), spec=parse_chain(two))

    await drain(
        ToolCalling(llm, parse_prompt({"messages": [{"role": "user", "content": "{{ input }}"}]}), (tool,)).run(
            {"input": "Hi"}
        )
    )

    (function,) = llm.requests[0].functions
    assert (function.strict, set(function.parameters["properties"])) == (True, {"a", "b"})


async def test_an_object_is_taken_as_the_inputs():
    llm, reported = ScriptedLLM("Toes", "Go!"), []
    context = ToolContext(llm, 4, reported.append)

    result = await brand(llm).run({"product": "hats"}, context)
    missing = await brand(llm).run({}, context)

    assert result.text == "Go!"
    assert llm.requests[0].messages[-1].content == "About hats"
    assert missing.error == "bad_input"


async def test_who_gives_no_numbers_is_told_of_the_calls_alone():
    llm, reported = ScriptedLLM("Toes", "Go!"), []

    await brand(llm).run("hats", ToolContext(llm, 4, reported.append))

    assert only(reported, StepStarted) == []
    assert [call.step for call in only(reported, ModelCalled)] == [4, 4]
