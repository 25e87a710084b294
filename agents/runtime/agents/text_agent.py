"""What the agents have in common that reason in text: a format is added to their prompt, and one loop reads replies."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from agents.runtime.agents.dialect import Dialect
from agents.runtime.agents.parts import Parts
from agents.runtime.agents.text_run import TextRun
from agents.runtime.agents.text_tools import tool_list
from agents.runtime.answers import OutputSpec
from agents.runtime.events import AnyEvent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message
from agents.runtime.prompts import PromptSpec, render
from agents.runtime.tools import Tool

NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


class TextAgent(ABC):
    """`lists_tools`: the model is told of its tools by name and description, in the prompt or with the format.

    `remembers`: earlier turns are part of every run. `usual_steps` is the limit where none is given.
    """

    lists_tools: ClassVar[bool] = True
    remembers: ClassVar[bool] = False
    usual_steps: ClassVar[int] = 15

    def __init__(
        self,
        llm: LLM,
        prompt: PromptSpec,
        tools: Sequence[Tool],
        limits: Limits | None = None,
        *,
        options: Mapping[str, Any] = NO_OPTIONS,
        direct: frozenset[str] = frozenset(),
    ) -> None:
        self.limits = limits or Limits(max_steps=self.usual_steps)
        self.parts = Parts(llm, plain_output(prompt), tuple(tools), self.limits, options, direct)

    @classmethod
    def of(cls, parts: Parts) -> Self:
        return cls(parts.llm, parts.prompt, parts.tools, parts.limits, options=parts.options, direct=parts.direct)

    @property
    def llm(self) -> LLM:
        return self.parts.llm

    @abstractmethod
    def dialect(self) -> Dialect:
        """How a run of this agent talks with the model."""

    async def run(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> AsyncGenerator[AnyEvent]:
        run = TextRun(self.parts, self.limits, self.dialect(), self.messages(inputs, history))
        async with aclosing(run.events()) as events:
            async for event in events:
                yield event

    def messages(self, inputs: Mapping[str, Any], history: Sequence[Message] = ()) -> list[Message]:
        """What a run begins with. Types that don't remember take earlier turns only where the prompt has a place."""
        prompt, tools = self.parts.prompt, self.parts.tools
        earlier = history if self.remembers or prompt.has_slot("history") else ()
        provided = {"tools": tool_list(tools), "tool_names": ", ".join(tool.name for tool in tools)}
        rendered = render(prompt, inputs, history=earlier, provided=provided)
        return with_format(rendered, self._told(self.dialect().format))

    def _told(self, form: str) -> str:
        """The format, after the list of tools where the prompt doesn't have that already."""
        mentioned = any("tools" in template.variables for _, template in self.parts.prompt.templates())
        if mentioned or not self.lists_tools:
            return form
        return f"You can use these tools:\n\n{tool_list(self.parts.tools)}\n\n{form}"


def plain_output(prompt: PromptSpec) -> PromptSpec:
    """The prompt without an answer line of its own: the label of the final answer is the mark here."""
    return replace(prompt, output=OutputSpec(), strategy="direct")


def with_format(messages: Sequence[Message], block: str) -> list[Message]:
    """The format stands at the end of the system message, after the tools, so that the prefix never changes."""
    if messages and messages[0].role == "system":
        return [Message("system", f"{messages[0].content}\n\n{block}"), *messages[1:]]
    return [Message("system", block), *messages]
