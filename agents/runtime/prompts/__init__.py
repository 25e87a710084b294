"""A prompt as it runs: read from its file form, checked, and rendered to messages."""

from agents.runtime.prompts.checks import Problem, input_variable, problems
from agents.runtime.prompts.parsing import parse_prompt
from agents.runtime.prompts.rendering import render
from agents.runtime.prompts.spec import Example, MessageTemplate, PromptSpec, Slot, Variable

__all__ = [
    "Example",
    "MessageTemplate",
    "Problem",
    "PromptSpec",
    "Slot",
    "Variable",
    "input_variable",
    "parse_prompt",
    "problems",
    "render",
]
