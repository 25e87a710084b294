"""Rows to runtime objects: the only place where the two meet."""

from agents.build import embeddings, language_models, probing, sandboxes
from agents.build.agents import (
    agent_from,
    agent_of_prompt,
    agent_of_version,
    check,
    check_agent_options,
    check_tool_rows,
    check_version,
    input_of,
    messages_for,
)
from agents.build.chains import chain_from
from agents.build.includes import included
from agents.build.prompts import spec_of
from agents.build.tools import describe_tool, index_of
from agents.runtime.agents import RuntimeAgent

__all__ = [
    "RuntimeAgent",
    "agent_from",
    "agent_of_prompt",
    "agent_of_version",
    "chain_from",
    "check",
    "check_agent_options",
    "check_tool_rows",
    "check_version",
    "describe_tool",
    "embeddings",
    "included",
    "index_of",
    "input_of",
    "language_models",
    "messages_for",
    "probing",
    "sandboxes",
    "spec_of",
]
