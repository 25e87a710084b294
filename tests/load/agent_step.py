"""Processor time of one agent step beyond the model call and the tool. Run: python -m tests.load.agent_step"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.limits import Limits
from agents.runtime.llm import AnyChunk, Request
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tools import ToolContext, ToolResult

STEPS = 20
ROUNDS = 30
THOUGHT = "I have to look up the next of these things before I can say anything about them, so I search."
PROMPT = parse_prompt(
    {"messages": [{"role": "system", "content": "Help.\n\n{{ tools }}"}, {"role": "user", "content": "{{ input }}"}]}
)


class Search:
    name, description, input_kind = "Search", "finds things", "text"
    timeout_s, max_output, volatile = 5.0, 4000, False

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        return ToolResult(f"{input} is a thing of this world, and there is more to say about it than that.")


def replies() -> list[str]:
    acting = [f"Thought: {THOUGHT}\nAction: Search\nAction Input: thing number {n}" for n in range(STEPS)]
    return [*acting, "Thought: done\nFinal Answer: yes"]


async def drained(events: AsyncIterator[Any]) -> int:
    return sum([1 async for _ in events])


async def agent_round() -> float:
    agent = ZeroShotReact(
        ScriptedLLM(*replies()), PROMPT, [Search()], Limits(max_steps=STEPS + 1, max_total_tokens=None)
    )
    began = time.process_time()
    await drained(agent.run({"input": "What are they?"}))
    return time.process_time() - began


async def model_round() -> float:
    """The same replies drained without an agent: what playing them costs."""
    llm = ScriptedLLM(*replies())
    began = time.process_time()
    for _ in range(STEPS + 1):
        stream: AsyncIterator[AnyChunk] = llm.stream(Request(()))
        await drained(stream)
    return time.process_time() - began


async def measure() -> tuple[float, float]:
    """Milliseconds a step, of the agent and of the playing alone: medians over rounds taken in turn."""
    await agent_round()
    pairs = [(await agent_round(), await model_round()) for _ in range(ROUNDS)]
    agent, model = (statistics.median(column) * 1000 / STEPS for column in zip(*pairs, strict=True))
    return agent, model


def main() -> None:
    agent, model = asyncio.run(measure())
    print(f"a step with its reply: {agent:.3f} ms, the reply alone: {model:.3f} ms, a step: {agent - model:.3f} ms")


if __name__ == "__main__":
    main()
