"""`zero-shot-react-description`: think, act, observe, until there is an answer. Any model that writes text will do."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from agents.runtime.agents.grammar import plain_output, tool_list, with_grammar
from agents.runtime.agents.react_run import ReactRun
from agents.runtime.events import AnyEvent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.tools import Tool


class ZeroShotReact:
    """An agent with tools. `run` may be called any number of times; each run has a state of its own."""

    def __init__(self, llm: LLM, prompt: PromptSpec, tools: Sequence[Tool], limits: Limits | None = None) -> None:
        self.llm = llm
        self.prompt = plain_output(prompt)
        self.tools = {tool.name: tool for tool in tools}
        self.limits = limits or Limits()

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        messages = self._messages(inputs, history)
        run = ReactRun(self.llm, self.prompt, self.tools, self.limits, messages)
        async with aclosing(run.events()) as events:
            async for event in events:
                yield event

    def _messages(self, inputs: Mapping[str, Any], history: Sequence[Message]) -> list[Message]:
        """Earlier turns only where the prompt has a place for them: this agent type knows no history."""
        tools = list(self.tools.values())
        provided = {"tools": tool_list(tools), "tool_names": ", ".join(self.tools)}
        earlier = history if self.prompt.has_slot("history") else ()
        return with_grammar(render(self.prompt, inputs, history=earlier, provided=provided), self.prompt, tools)
