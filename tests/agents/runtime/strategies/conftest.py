"""Word problems for strategies, and models that answer by what they are asked."""

import pytest

from agents.runtime.agents.conversation import Conversation
from agents.runtime.limits import Limits
from agents.runtime.programs import ProgramResult
from agents.runtime.prompts import parse_prompt
from tests.agents.runtime.fakes import drain

PROBLEM = "Lou has 3 boxes of 4 pens and gives 2 pens away. How many are left?"


class FakeInterpreter:
    """Gives results in turn and remembers the programs."""

    def __init__(self, *results):
        self.results = list(results)
        self.programs = []

    async def run(self, program):
        self.programs.append(program)
        result = self.results.pop(0)
        return result if isinstance(result, ProgramResult) else ProgramResult(result)


@pytest.fixture
def ask():
    """Run a strategy on the problem; keyword arguments beside `limits` and `interpreter` are the prompt's."""

    async def run(llm, strategy, *, into=None, limits=None, interpreter=None, **fields):
        messages = [{"role": "system", "content": "Solve it."}, {"role": "user", "content": "{{ input }}"}]
        spec = parse_prompt({"messages": messages, "strategy": strategy, "output": {"kind": "number"}, **fields})
        agent = Conversation(llm, spec, limits or Limits(), interpreter)
        return await drain(agent.run({"input": PROBLEM}), into=into)

    return run
