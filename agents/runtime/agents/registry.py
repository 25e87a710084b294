"""The types of agents: the one list that a new type is added to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from agents.runtime.agents import rules
from agents.runtime.agents.conversation import Conversation
from agents.runtime.agents.conversational_react import ConversationalReact
from agents.runtime.agents.function_rules import check_form, check_function_names
from agents.runtime.agents.parts import Parts, RuntimeAgent
from agents.runtime.agents.react_docstore import ReactDocstore
from agents.runtime.agents.self_ask import SelfAsk
from agents.runtime.agents.structured import Structured
from agents.runtime.agents.tool_calling import ToolCalling
from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.prompts.spec import FROM_AGENT


@dataclass(frozen=True, slots=True)
class AgentKind:
    """How a type is made, and what it asks for.

    `about` tells staff what it does and which tools it needs; `provided` are variables that it fills in its prompt;
    `usual_steps` is the limit that a new agent begins with.
    """

    make: Callable[[Parts], RuntimeAgent]
    about: str
    check_tools: rules.ToolRule
    check_options: rules.OptionRule = rules.no_options
    check_prompt: rules.PromptRule = rules.any_prompt
    provided: frozenset[str] = FROM_AGENT
    usual_steps: int = 15


def _conversation(parts: Parts) -> RuntimeAgent:
    return Conversation(parts.llm, parts.prompt, parts.limits, parts.interpreter)


DOCSTORE_TOOLS = "In the list of tools, give your two document tools these names."
SELF_ASK_TOOL = "In the list of tools, give a tool that answers short questions this name."

KINDS: Final[Mapping[str, AgentKind]] = MappingProxyType(
    {
        "conversation": AgentKind(
            _conversation,
            "Answers in one go, and remembers the conversation. No tools.",
            rules.no_tools,
            provided=frozenset(),
        ),
        "tool-calling": AgentKind(
            lambda parts: ToolCalling(parts.llm, parts.prompt, parts.tools, parts.limits, direct=parts.direct),
            "Talks like a conversation, and calls tools by the means of the model's server, several at once where "
            "they only read. Any tools, each with a description.",
            check_function_names,
        ),
        "structured": AgentKind(
            lambda parts: Structured(parts.llm, parts.prompt, parts.limits),
            "Answers in the JSON Schema that its prompt's output gives. No tools.",
            rules.no_tools,
            check_prompt=check_form,
            provided=frozenset(),
        ),
        "zero-shot-react-description": AgentKind(
            ZeroShotReact.of,
            "Thinks, uses a tool, looks at what it got, and so on until it can answer. Each question stands for "
            "itself. Any tools, each with a description.",
            rules.described_tools,
        ),
        "react-docstore": AgentKind(
            ReactDocstore.of,
            "Reads in a collection of documents: searches an article by its name, looks words up in it, and finishes "
            "with a short answer. Exactly two tools, named Search and Lookup.",
            rules.exactly("Search", "Lookup", how=DOCSTORE_TOOLS),
            usual_steps=ReactDocstore.usual_steps,
        ),
        "self-ask-with-search": AgentKind(
            SelfAsk.of,
            "Takes a question apart into smaller ones, has each answered, and puts the answers together. "
            "Exactly one tool, named Intermediate Answer.",
            rules.exactly("Intermediate Answer", how=SELF_ASK_TOOL),
            usual_steps=SelfAsk.usual_steps,
        ),
        "conversational-react-description": AgentKind(
            ConversationalReact.of,
            "Talks like a conversation, remembers it, and uses a tool where a reply needs one. "
            "Any tools, each with a description.",
            rules.described_tools,
            check_options=rules.prefixes,
        ),
    }
)
