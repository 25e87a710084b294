"""The sandbox for programs that models write: one of this process, started with the first program."""

from agents.runtime.programs import Interpreter
from agents.sandboxes.monty import MontyInterpreter

_monty = MontyInterpreter()


def interpreter() -> Interpreter:
    return _monty


async def close_sandboxes() -> None:
    """End the processes that programs ran in; the next program starts others."""
    await _monty.aclose()
