"""Programs in the sandbox: what they may do, and how they end when they do what they may not."""

import asyncio
import time

import pytest

from agents.sandboxes import monty
from agents.sandboxes.monty import MontyInterpreter


@pytest.fixture
async def sandbox():
    interpreter = MontyInterpreter()
    yield interpreter
    await interpreter.aclose()


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("def solution():\n    return 23 - 20 + 6\n\nsolution()", "9"),
        ("import math\nmath.sqrt(16)", "4"),
        ("from decimal import Decimal\nDecimal('0.1') * 3", "0.3"),
        ("sum(x * x for x in range(4))", "14"),
        ("print('noise')\n'text'", "text"),
        ("0.1 * 3", "0.3"),
    ],
)
async def test_a_program_gives_its_value(sandbox, program, value):
    assert await sandbox.run(program) == monty.ProgramResult(value)


@pytest.mark.parametrize(
    ("program", "failure"),
    [
        ("def f(:", "syntax"),
        ("1 / 0", "exception"),
        ("import numpy", "exception"),
        ("open('/etc/passwd').read()", "exception"),
        ("__import__('os').system('id')", "exception"),
        ("import os\nos.environ['HOME']", "exception"),
        ("import socket", "exception"),
        ("import subprocess", "exception"),
        ("input()", "exception"),
        ("().__class__.__bases__[0].__subclasses__()", "exception"),
        ("def f(): return f()\nf()", "exception"),
        ("[0] * 10**9", "memory"),
        ("9**9**9", "memory"),
        ("'x' * 10**10", "memory"),
        ("while True: print('x' * 10000)", "memory"),
        ("None", "no_value"),
        ("class A:\n    pass\nA()", "no_value"),
        ("x = []\nfor i in range(3000):\n    x = [x]\nx", "no_value"),
        ("from decimal import Decimal\nDecimal('1E+99999')", "no_value"),
    ],
)
async def test_a_program_that_fails_or_reaches_out_ends_in_a_result(sandbox, program, failure):
    result = await sandbox.run(program)
    assert (result.value, result.failure) == (None, failure)
    assert result.problem


async def test_what_the_interpreter_does_not_know_is_said_so_that_it_can_be_written_otherwise(sandbox):
    result = await sandbox.run("def numbers():\n    yield 1\n\nlist(numbers())")
    assert (result.value, result.failure) == (None, "exception")
    assert result.problem.startswith("the interpreter doesn't know this part of Python")
    assert "yield" in result.problem


@pytest.mark.parametrize("program", ["while True: pass", "import time\ntime.sleep(100)"])
async def test_a_program_without_an_end_is_ended(program, monkeypatch):
    limits = monty.ResourceLimits(max_feed_duration_secs=0.5, max_total_sleep_secs=0.2)
    monkeypatch.setattr(monty, "LIMITS", limits)
    interpreter = MontyInterpreter()
    began = time.monotonic()
    result = await interpreter.run(program)
    assert (result.failure, time.monotonic() - began < 5) == ("timeout", True)
    await interpreter.aclose()


async def test_nothing_is_left_of_a_program(sandbox):
    await sandbox.run("secret = 42\nsecret")
    assert (await sandbox.run("secret")).failure == "exception"


async def test_many_run_side_by_side_and_the_loop_goes_on(sandbox):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    results = await asyncio.gather(*[sandbox.run(f"sum(range({n} * 10000))\n{n}") for n in range(12)])
    ticking.cancel()
    assert [result.value for result in results] == [str(n) for n in range(12)]
    assert ticks > 1


async def test_it_starts_again_after_it_was_closed(sandbox):
    await sandbox.run("1")
    await sandbox.aclose()
    assert (await sandbox.run("2")).value == "2"
