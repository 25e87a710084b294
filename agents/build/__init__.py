"""Rows to runtime objects: the only place where the two meet."""

from agents.build import embeddings, language_models, probing, sandboxes
from agents.build.agents import RuntimeAgent, agent_from, agent_of_version, check, check_tool_rows, check_version
from agents.build.includes import included
from agents.build.prompts import spec_of
from agents.build.tools import describe_tool, index_of

__all__ = [
    "RuntimeAgent",
    "agent_from",
    "agent_of_version",
    "check",
    "check_tool_rows",
    "check_version",
    "describe_tool",
    "embeddings",
    "included",
    "index_of",
    "language_models",
    "probing",
    "sandboxes",
    "spec_of",
]
