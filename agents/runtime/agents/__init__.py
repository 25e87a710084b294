"""The kinds of agents: each an async generator of events that ends in `Finished` or raises a `RunError`."""

from agents.runtime.agents.configuration import check_configuration

__all__ = ["check_configuration"]
