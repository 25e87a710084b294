"""The same question gets the same answer, as far as a server can: for what is scored, compared or read as a value.

Temperature 0 takes away most of the differences between two runs of a prompt, the seed most of what is left
(agents.md F.8, F.6). A prompt that names one of the two decides for itself, and so does a strategy that needs samples
which differ.
"""

from dataclasses import replace

from agents.runtime.prompts import PromptSpec

SEED = 1
STRATEGIES = frozenset({"direct", "zero_shot_cot", "few_shot_cot", "least_to_most", "pal"})


def consistent(prompt: PromptSpec) -> PromptSpec:
    """The prompt with temperature 0 and a fixed seed, unless it names either or its strategy lives on differences."""
    if prompt.strategy not in STRATEGIES or {"temperature", "seed"} & prompt.parameters.keys():
        return prompt
    return replace(prompt, parameters={**prompt.parameters, "temperature": 0, "seed": SEED})
