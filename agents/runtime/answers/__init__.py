"""From what a model wrote to the answer that is meant: one specification for instruction, extraction and comparison."""

from agents.runtime.answers.extraction import Extraction, canonical, extract
from agents.runtime.answers.instruction import format_instruction
from agents.runtime.answers.spec import OutputSpec, parse_output
from agents.runtime.answers.vote import Vote, decided, vote

__all__ = [
    "Extraction",
    "OutputSpec",
    "Vote",
    "canonical",
    "decided",
    "extract",
    "format_instruction",
    "parse_output",
    "vote",
]
