"""Ways from a question to an answer with one or more model calls (agents.md A): each an async generator of events."""

from agents.runtime.strategies.registry import strategy_for
from agents.runtime.strategies.work import Outline, Work

__all__ = ["Outline", "Work", "strategy_for"]
