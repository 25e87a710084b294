"""From what a model wrote to the answer that is meant: one specification for instruction, extraction and comparison."""

from agents.runtime.answers.extraction import Extraction, canonical, extract
from agents.runtime.answers.instruction import format_instruction
from agents.runtime.answers.spec import OutputSpec, parse_output

__all__ = ["Extraction", "OutputSpec", "canonical", "extract", "format_instruction", "parse_output"]
