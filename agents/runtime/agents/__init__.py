"""The kinds of agents: each an async generator of events that ends in `Finished` or raises a `RunError`."""

from agents.runtime.agents.configuration import check_configuration, check_prompt, check_tools

__all__ = ["check_configuration", "check_prompt", "check_tools"]
