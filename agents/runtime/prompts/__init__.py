"""A prompt as it runs: read from its file form, checked, and rendered to messages."""

from agents.runtime.prompts.by_meaning import select_examples
from agents.runtime.prompts.checks import Problem, input_variable, problems
from agents.runtime.prompts.including import Included, included_part
from agents.runtime.prompts.parsing import parse_prompt
from agents.runtime.prompts.rendering import render, selected
from agents.runtime.prompts.selection import Selected
from agents.runtime.prompts.spec import Example, MessageTemplate, PromptSpec, Slot, Variable
from agents.runtime.prompts.values import extra_values

__all__ = [
    "Example",
    "Included",
    "MessageTemplate",
    "Problem",
    "PromptSpec",
    "Selected",
    "Slot",
    "Variable",
    "extra_values",
    "included_part",
    "input_variable",
    "parse_prompt",
    "problems",
    "render",
    "select_examples",
    "selected",
]
