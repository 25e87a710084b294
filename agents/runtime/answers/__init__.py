"""From what a model wrote to the answer that is meant: one specification for instruction, extraction and comparison."""

from agents.runtime.answers.constrained import from_constrained, response_format_of
from agents.runtime.answers.extraction import NO_ANSWER, Extraction, canonical, extract
from agents.runtime.answers.instruction import format_instruction
from agents.runtime.answers.reading import Outcome, Reading, correction, read_again, read_reply
from agents.runtime.answers.spec import OutputSpec, parse_output
from agents.runtime.answers.strict import closed_object, strict_schema
from agents.runtime.answers.vote import Vote, decided, vote

__all__ = [
    "NO_ANSWER",
    "Extraction",
    "Outcome",
    "OutputSpec",
    "Reading",
    "Vote",
    "canonical",
    "closed_object",
    "correction",
    "decided",
    "extract",
    "format_instruction",
    "from_constrained",
    "parse_output",
    "read_again",
    "read_reply",
    "response_format_of",
    "strict_schema",
    "vote",
]
