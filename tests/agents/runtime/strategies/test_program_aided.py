"""Programs that a model writes."""

import asyncio

import pytest

from agents.runtime.events import ModelCalled, Notice, ToolCalled, ToolFinished
from agents.runtime.limits import Limits
from agents.runtime.programs import ProgramResult
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.fakes import finished, only, steps
from tests.agents.runtime.strategies.conftest import FakeInterpreter

PROGRAM = "```python\ndef solution():\n    return 3 * 4 - 2\n```"
CODE = "def solution():\n    return 3 * 4 - 2\n\nsolution()"


async def test_the_value_of_the_program_is_the_answer(ask):
    interpreter = FakeInterpreter("10")
    events = await ask(ScriptedLLM(PROGRAM), "pal", interpreter=interpreter)
    assert steps(events) == [("action", CODE), ("observation", "10"), ("answer", "10")]
    assert interpreter.programs == [CODE]
    assert [(call.tool, call.input) for call in only(events, ToolCalled)] == [("Python", CODE)]
    assert [(result.output, result.error) for result in only(events, ToolFinished)] == [("10", None)]
    assert finished(events).extraction.value == "10"


async def test_a_long_fraction_is_shown_rounded_and_kept_exact(ask):
    events = await ask(ScriptedLLM(PROGRAM), "pal", interpreter=FakeInterpreter("0.30000000000000004"))
    end = finished(events)
    assert (end.answer, end.extraction.value) == ("0.3", "0.30000000000000004")


async def test_a_program_that_fails_is_written_again(ask):
    failed = ProgramResult(None, "exception", "NameError: name 'pens' is not defined")
    llm = ScriptedLLM("```python\ndef solution():\n    return pens\n```", PROGRAM)
    events = await ask(llm, "pal", interpreter=FakeInterpreter(failed, "10"))
    assert finished(events).extraction.value == "10"
    assert "NameError: name 'pens' is not defined" in llm.requests[1].messages[-1].content
    assert [result.error for result in only(events, ToolFinished)] == ["failed", None]


async def test_when_no_program_works_a_chain_of_thought_answers_and_says_so(ask):
    failed = ProgramResult(None, "timeout", "it took longer than 5 seconds")
    llm = ScriptedLLM(PROGRAM, "I can't write one.", "12 - 2 = 10\nAnswer: 10")
    events = await ask(llm, "pal", interpreter=FakeInterpreter(failed))
    end = finished(events)
    assert (end.answer, end.extraction.value, end.flags) == ("10", "10", ("no_program",))
    assert [notice.code for notice in only(events, Notice)] == ["no_program"]
    assert [call.outcome for call in only(events, ModelCalled)] == ["parsed", "failed", "parsed"]


async def test_without_a_sandbox_nothing_is_written(ask):
    llm = ScriptedLLM("Answer: 10")
    events = await ask(llm, "pal")
    assert (finished(events).extraction.value, len(llm.requests)) == ("10", 1)


async def test_examples_that_are_programs_are_shown(ask):
    llm = ScriptedLLM(PROGRAM)
    examples = [{"inputs": {"input": "1 + 1?"}, "reasoning": "def solution():\n    return 1 + 1", "output": "2"}]
    await ask(llm, "pal", interpreter=FakeInterpreter("10"), examples=examples)
    contents = [message.content for message in llm.requests[0].messages]
    assert contents[1:3] == ["1 + 1?", "```python\ndef solution():\n    return 1 + 1\n```"]


async def test_a_program_that_was_cut_off_is_not_run(ask):
    cut = reply("```python\ndef solution():\n    return 3 * 4", finish_reason="length")
    interpreter = FakeInterpreter("10")
    events = await ask(ScriptedLLM(cut, PROGRAM), "pal", interpreter=interpreter)
    assert interpreter.programs == [CODE]
    assert [call.outcome for call in only(events, ModelCalled)] == ["truncated", "parsed"]


async def test_a_program_has_no_more_time_than_the_run(ask):
    class Endless:
        async def run(self, program):
            await asyncio.sleep(60)

    llm = ScriptedLLM(PROGRAM, "About ten.")
    events = await ask(llm, "pal", interpreter=Endless(), limits=Limits(timeout_s=0.2))
    assert (finished(events).answer, finished(events).stop_reason) == ("About ten.", "timeout")
    assert [end.output for end in only(events, ToolFinished)] == [
        "The program failed: the time for this answer was over."
    ]


async def test_a_value_of_another_kind_is_asked_for_again(ask):
    llm = ScriptedLLM(PROGRAM)
    events = await ask(llm, "pal", interpreter=FakeInterpreter("twelve apples", "12"))
    assert (finished(events).answer, finished(events).outcome) == ("12", "parsed")
    assert "solution() returned twelve apples, but it must return a number." in llm.requests[1].messages[-1].content


async def test_a_program_that_the_model_declines_to_write_is_not_asked_for_again(ask):
    llm = ScriptedLLM(reply("I can't help with that.", refused=True))
    events = await ask(llm, "pal", interpreter=FakeInterpreter())
    assert (finished(events).answer, finished(events).outcome, len(llm.requests)) == (
        "I can't help with that.",
        "refused",
        1,
    )


@pytest.mark.parametrize("extract", ["auto", "last", "program", {"after": "Result:"}])
async def test_the_value_answers_whatever_the_extract_rule_says(ask, extract):
    output = {"kind": "number", "extract": extract}
    events = await ask(ScriptedLLM(PROGRAM), "pal", interpreter=FakeInterpreter("10"), output=output)
    assert finished(events).extraction.value == "10"
