"""The rows of a prompt's version as the prompt that runs."""

from agents.build.includes import included
from agents.models import PromptVersion
from agents.runtime import prompts
from agents.runtime.prompts import PromptSpec


def spec_of(version: PromptVersion) -> PromptSpec:
    data = {
        "format": version.format,
        "messages": version.messages,
        "variables": version.variables,
        "example": version.example_template,
        "examples": [
            {"inputs": row.inputs, "reasoning": row.reasoning, "output": row.output}
            for row in version.examples.all()
            if row.enabled
        ],
        "strategy": version.strategy,
        "strategy_options": version.strategy_options,
        "output": version.output,
        "parameters": version.parameters,
    }
    return prompts.parse_prompt(data, included(data))
