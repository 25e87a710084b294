"""Processor time of one agent step beyond the model call and the tool. Run: python -m tests.load.agent_step"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

from agents.runtime.agents.tool_calling import ToolCalling
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.limits import Limits
from agents.runtime.llm import AnyChunk, FunctionCall, Reply, Request
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM, reply
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


def in_text() -> list[str | Reply]:
    acting = [f"Thought: {THOUGHT}\nAction: Search\nAction Input: thing number {n}" for n in range(STEPS)]
    return [*acting, "Thought: done\nFinal Answer: yes"]


def in_calls() -> list[str | Reply]:
    calls = [FunctionCall(f"c{n}", "Search", f'{{"input": "thing number {n}"}}') for n in range(STEPS)]
    return [*(reply(THOUGHT, calls=(call,), finish_reason="tool_calls") for call in calls), "yes"]


AGENTS = {"zero-shot-react-description": (ZeroShotReact, in_text), "tool-calling": (ToolCalling, in_calls)}


async def drained(events: AsyncIterator[Any]) -> int:
    return sum([1 async for _ in events])


async def agent_round(name: str) -> float:
    make, replies = AGENTS[name]
    limits = Limits(max_steps=STEPS + 1, max_total_tokens=None)
    agent = make(ScriptedLLM(*replies()), PROMPT, [Search()], limits)
    began = time.process_time()
    await drained(agent.run({"input": "What are they?"}))
    return time.process_time() - began


async def model_round(name: str) -> float:
    """The same replies drained without an agent: what playing them costs."""
    llm = ScriptedLLM(*AGENTS[name][1]())
    began = time.process_time()
    for _ in range(STEPS + 1):
        stream: AsyncIterator[AnyChunk] = llm.stream(Request(()))
        await drained(stream)
    return time.process_time() - began


async def measure(name: str) -> tuple[float, float]:
    """Milliseconds a step, of the agent and of the playing alone: medians over rounds taken in turn."""
    await agent_round(name)
    pairs = [(await agent_round(name), await model_round(name)) for _ in range(ROUNDS)]
    agent, model = (statistics.median(column) * 1000 / STEPS for column in zip(*pairs, strict=True))
    return agent, model


def main() -> None:
    for name in AGENTS:
        agent, model = asyncio.run(measure(name))
        print(f"{name}: {agent:.3f} ms with its reply, {model:.3f} ms the reply alone, {agent - model:.3f} ms a step")


if __name__ == "__main__":
    main()
