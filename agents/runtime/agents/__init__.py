"""The kinds of agents: each an async generator of events that ends in `Finished` or raises a `RunError`."""

from agents.runtime.agents.configuration import check_configuration, check_options, check_prompt, check_tools
from agents.runtime.agents.parts import Parts, RuntimeAgent

__all__ = ["Parts", "RuntimeAgent", "check_configuration", "check_options", "check_prompt", "check_tools"]
