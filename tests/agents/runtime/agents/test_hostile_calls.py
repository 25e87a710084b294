"""Calls and JSON made to be slow to read: four times the text takes at most six times as long, where quadratic work
takes sixteen.
"""

import time

import pytest

from agents.runtime.agents.function_retry import HeldTurn
from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.function_turn import FunctionTurn
from agents.runtime.llm import TextChunk
from agents.runtime.parsing.argument_stream import ArgumentStream
from agents.runtime.parsing.arguments import read_arguments
from agents.runtime.parsing.json_view import JsonView
from agents.runtime.parsing.text_calls import text_calls
from agents.runtime.steps import Timeline
from tests.agents.runtime.fakes import FakeTool

N = 6_000
TIMES, ENOUGH_S, TRIES = 6, 0.05, 4
FUNCTIONS = Functions([FakeTool()])
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CALL = '{"name": "search", "arguments": {"input": "x"}}'
FAMILIES = {
    "braces": "{",
    "brackets": "[",
    "quotes": '"',
    "single quotes": "'",
    "backslashes": '"\\',
    "entries": '{"a":1,',
    "commas": ", ",
    "fences": "```json\n",
    "objects": '{"city":"x"}',
    "calls": CALL,
    "marks": "<tool_call>",
    "marked calls": f"<tool_call>{CALL}</tool_call>",
    "fenced calls": f"x\n```json\n{CALL}\n```\n",
    "names": '{"name": "search", ',
    "functions": "functions.search(",
    "literals": "True ",
    "spaces": " ",
    "thinking": "<think>",
    "nested": '[{"a":',
}


def turn(text, kind=FunctionTurn):
    reply = kind(Timeline(), FUNCTIONS)
    for at in range(0, len(text), 8):
        list(reply.read(TextChunk(text[at : at + 8])))
    list(reply.end((), "stop"))


WORKS = {
    "arguments": lambda text: read_arguments(text, SCHEMA),
    "an argument": lambda text: read_arguments(f'{{"city": {text}', SCHEMA),
    "calls as text": lambda text: text_calls(f"{text}x", FUNCTIONS.names.tool_of),
    "a call that begins": lambda text: text_calls(f"<tool_call>{CALL}{text}", FUNCTIONS.names.tool_of),
    "a turn": turn,
    "a turn in a form": lambda text: turn(f'{{"reply": {text}', HeldTurn),
    "JSON on the screen": lambda text: JsonView().feed(text),
    "arguments on the screen": lambda text: ArgumentStream("input").feed(text),
}


def seconds(work, text):
    began = time.process_time()
    work(text)
    return time.process_time() - began


def grows_evenly(work, unit):
    """Measured a few times: another process may have had the processor's caches."""
    short, long = (unit * N)[:N], (unit * 4 * N)[: 4 * N]
    for _ in range(TRIES):
        took = seconds(work, long)
        if took < ENOUGH_S or took <= TIMES * seconds(work, short):
            return True
    return False


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS.keys())
@pytest.mark.parametrize("unit", FAMILIES.values(), ids=FAMILIES.keys())
def test_hostile_text_is_read_in_a_time_that_grows_as_it_does(work, unit):
    assert grows_evenly(work, unit)
