"""`tool-calling`: the model calls functions by the API's own means. For all models that can (agents.md B.10)."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agents.runtime.agents.function_run import FunctionRun
from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent, Finished, Notice
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, Usage
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.tools import Tool

IN_WORDS = "This model calls no tools by itself, so it is asked for them in words."


class ToolCalling:
    """An agent with tools and a memory of the conversation. `run` may be called any number of times, also at once.

    `direct` names the tools whose result is the answer. Models without function calling are asked by the protocol of
    `zero-shot-react-description` instead, with a notice.
    """

    def __init__(
        self,
        llm: LLM,
        prompt: PromptSpec,
        tools: Sequence[Tool],
        limits: Limits | None = None,
        *,
        direct: frozenset[str] = frozenset(),
    ) -> None:
        self.llm = llm
        self.prompt = prompt
        self.tools = tuple(tools)
        self.limits = limits or Limits()
        self.direct = direct
        self.functions = Functions(self.tools)

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        """Answer `inputs`, the prompt's variables, after the turns of `history`; the last event is `Finished`.

        Raises ModelError where the server fails, RunError where it filters the answer, and PromptError for inputs that
        the prompt can't be rendered with. A limit raises nothing: the run ends with what there is.
        """
        used = Usage()
        if self.llm.capabilities.tools:
            run = FunctionRun(
                self.llm, self.prompt, self.functions, self.limits, self._messages(inputs, history), self.direct
            )
            try:
                async with aclosing(run.events()) as events:
                    async for event in events:
                        yield event
                return
            except ModelError as error:
                # In the middle of a run only another model of a chain can say so, and it can't go on with these turns.
                if error.code != "unsupported" or run.has_begun:
                    raise
            used = run.budget.used
        yield Notice("no_function_calling", IN_WORDS)
        async with aclosing(self._in_words(inputs, history)) as events:
            async for event in events:
                yield replace(event, usage=used + event.usage) if isinstance(event, Finished) else event

    def _messages(self, inputs: Mapping[str, Any], history: Sequence[Message]) -> list[Message]:
        """The tools are in the request; a prompt that lists them as well may do so."""
        listed = "\n".join(f"{tool.name} — {tool.description.strip()}" for tool in self.tools)
        provided = {"tools": listed, "tool_names": ", ".join(tool.name for tool in self.tools)}
        return render(self.prompt, inputs, history=history, provided=provided)

    def _in_words(self, inputs: Mapping[str, Any], history: Sequence[Message]) -> AsyncGenerator[AnyEvent]:
        agent = InWords(self.llm, self.prompt, self.tools, self.limits, direct=self.direct)
        return agent.run(inputs, history)


class InWords(ZeroShotReact):
    """The protocol for a model without function calling: it remembers the conversation, as the agent does."""

    remembers = True
