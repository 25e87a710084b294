"""Text protocols of agents: what a model's reply means, as a pure function of the reply."""

from agents.runtime.parsing.registry import parse

__all__ = ["parse"]
