"""Parsers by agent type: the one way to reach them."""

from collections.abc import Callable, Mapping

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing import zero_shot_react
from agents.runtime.parsing.results import AnyResult
from agents.runtime.tools import InputKind

Parser = Callable[[str, Mapping[str, InputKind] | None, str | None], AnyResult]
PARSERS: dict[str, Parser] = {"zero-shot-react-description": zero_shot_react.parse}


def parse(
    agent_type: str,
    text: str,
    tools: Mapping[str, InputKind] | None = None,
    finish_reason: str | None = None,
) -> AnyResult:
    """What a reply means to an agent of this type. `tools` maps names to kinds of input; None knows every name."""
    if agent_type not in PARSERS:
        raise ConfigurationError(f"Agents of type “{agent_type}” don't read their replies as text.")
    return PARSERS[agent_type](text, tools, finish_reason)
