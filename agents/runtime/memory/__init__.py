"""Which part of a conversation the model sees (agents.md C): pure views, the conversation itself never changes."""

from agents.runtime.memory.configuration import MemoryPolicy, parse_memory, sees_history
from agents.runtime.memory.policies import TRIMMED, Buffer, Selection, TokenBuffer, Window
from agents.runtime.memory.summaries import RunningSummary, Summary, SummaryBuffer

__all__ = [
    "TRIMMED",
    "Buffer",
    "MemoryPolicy",
    "RunningSummary",
    "Selection",
    "Summary",
    "SummaryBuffer",
    "TokenBuffer",
    "Window",
    "parse_memory",
    "sees_history",
]
