"""Grammars by agent type: the one way to reach them."""

from collections.abc import Mapping

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing import conversational_react, react_docstore, self_ask, zero_shot_react
from agents.runtime.parsing.grammar import Grammar
from agents.runtime.parsing.results import AnyResult
from agents.runtime.tools import InputKind

_ALL: tuple[Grammar, ...] = (
    zero_shot_react.Grammar(),
    react_docstore.Grammar(),
    self_ask.Grammar(),
    conversational_react.Grammar(),
)
GRAMMARS = {grammar.name: grammar for grammar in _ALL}


def grammar_of(agent_type: str) -> Grammar:
    """The protocol of an agent type, with its default settings."""
    if agent_type not in GRAMMARS:
        raise ConfigurationError(f"Agents of type “{agent_type}” don't read their replies as text.")
    return GRAMMARS[agent_type]


def parse(
    agent_type: str,
    text: str,
    tools: Mapping[str, InputKind] | None = None,
    finish_reason: str | None = None,
) -> AnyResult:
    """What a reply means to an agent of this type. `tools` maps names to kinds of input; None knows every name."""
    return grammar_of(agent_type).parse(text, tools, finish_reason)
