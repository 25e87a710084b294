"""The four agents that talk in text, and how a model that keeps to their format would speak."""

import asyncio
from dataclasses import dataclass

from agents.runtime.agents.conversational_react import ConversationalReact
from agents.runtime.agents.react_docstore import ReactDocstore
from agents.runtime.agents.self_ask import SelfAsk
from agents.runtime.agents.text_agent import TextAgent
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, TextChunk
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM, pieces
from tests.agents.runtime.fakes import FakeTool, drain

PROMPT = parse_prompt(
    {"messages": [{"role": "system", "content": "Help."}, {"role": "user", "content": "{{ input }}"}]}
)
FREE = Capabilities(json_schema=False)


@dataclass(frozen=True)
class Spoken:
    """`action` and `finish` are formats; `faulty` is a reply that can't be used, and part of what is said to it."""

    agent: type[TextAgent]
    tool: str
    action: str
    finish: str
    label: str
    faulty: str
    told: str

    def act(self, given="Millau"):
        return self.action.format(given)

    def done(self, answer="343 m"):
        return self.finish.format(answer)

    def observed(self, text, turn=1):
        return self.label.format(turn) + text

    def tools(self, **given):
        """What the type needs; `given` is about the one that its actions call."""
        others = [FakeTool("Lookup")] if self.agent is ReactDocstore else []
        return (FakeTool(self.tool, **given), *others)


ZERO_SHOT = Spoken(
    ZeroShotReact,
    "Search",
    "Thought: I should look.\nAction: Search\nAction Input: {}",
    "Thought: I know.\nFinal Answer: {}",
    "Observation: ",
    "Action: Search",
    "gave it no input",
)
DOCSTORE = Spoken(
    ReactDocstore,
    "Search",
    "Thought 1: I should look.\nAction 1: Search[{}]",
    "Thought 2: I know.\nAction 2: Finish[{}]",
    "Observation {}: ",
    "Action 1: Click[ok]",
    "Use one of: Search[…], Lookup[…], Finish[…].",
)
SELF_ASK = Spoken(
    SelfAsk,
    "Intermediate Answer",
    "Are follow up questions needed here: Yes.\nFollow up: {}",
    "So the final answer is: {}",
    "Intermediate answer: ",
    "Yes.",
    'Write one "Follow up:" question',
)
CONVERSATIONAL = Spoken(
    ConversationalReact,
    "Search",
    "Thought: Do I need to use a tool? Yes\nAction: Search\nAction Input: {}",
    "Thought: Do I need to use a tool? No\nAI: {}",
    "Observation: ",
    "Thought: Do I need to use a tool? Yes",
    "You named no tool. Tools: Search.",
)
ALL = {"zero-shot": ZERO_SHOT, "docstore": DOCSTORE, "self-ask": SELF_ASK, "conversational": CONVERSATIONAL}


def scripted(*replies, **given):
    """A model whose server takes no schemas, so that corrections are free text."""
    return ScriptedLLM(*replies, **{"capabilities": FREE, **given})


class Stalling(ScriptedLLM):
    """Says this, and then nothing more until it is given up; what it is asked after that, it answers by the script."""

    def __init__(self, said, *replies):
        super().__init__(*replies, capabilities=FREE)
        self.said = said

    async def stream(self, request):
        if self.said:
            said, self.said = self.said, ""
            for piece in pieces(said):
                yield TextChunk(piece)
            await asyncio.Event().wait()
        async for chunk in super().stream(request):
            yield chunk


async def run(spoken, llm, *tools, limits=None, prompt=PROMPT, history=(), into=None, **options):
    agent = spoken.agent(llm, prompt, tools or spoken.tools(), limits or Limits(), **options)
    return await drain(agent.run({"input": "How high?"}, history), into=into)
