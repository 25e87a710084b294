"""What staff see of a strategy before it runs is what it sends."""

import pytest

from agents.runtime.agents.conversation import Conversation
from agents.runtime.prompts import parse_prompt, render
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.strategies.first_call import first_messages
from tests.agents.runtime.fakes import drain
from tests.agents.runtime.strategies.conftest import PROBLEM, FakeInterpreter

EXAMPLE = {"inputs": {"input": "1 + 1?"}, "reasoning": "One and one are two.", "output": "2"}


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("direct", {}),
        ("zero_shot_cot", {}),
        ("zero_shot_cot", {"two_stage": True}),
        ("few_shot_cot", {}),
        ("self_consistency", {"samples": 1}),
        ("least_to_most", {}),
        ("pal", {}),
    ],
)
@pytest.mark.parametrize("examples", [[], [EXAMPLE]])
async def test_the_preview_is_what_the_first_call_sends(strategy, options, examples):
    spec = parse_prompt(
        {
            "messages": [{"role": "system", "content": "Solve it."}, {"role": "user", "content": "{{ input }}"}],
            "strategy": strategy,
            "strategy_options": options,
            "examples": examples,
            "output": {"kind": "number"},
        }
    )
    llm = ScriptedLLM("def solution():\n    return 1\nAnswer: 1")

    await drain(Conversation(llm, spec, interpreter=FakeInterpreter("1")).run({"input": PROBLEM}))

    shown = first_messages(spec, lambda variant: render(variant, {"input": PROBLEM}))
    assert [(m.role, m.content) for m in shown] == [(m.role, m.content) for m in llm.requests[0].messages]
