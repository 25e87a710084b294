"""What a strategy sends first, for those who look at a prompt before it runs."""

from collections.abc import Callable

from agents.runtime.llm import Message
from agents.runtime.prompts import PromptSpec
from agents.runtime.prompts.strategies import parse_options
from agents.runtime.strategies.decomposition import decomposing
from agents.runtime.strategies.program_aided import asking_for_a_program
from agents.runtime.strategies.self_consistency import reasoning
from agents.runtime.strategies.two_stage import without_answer_line


def first_messages(spec: PromptSpec, rendered: Callable[[PromptSpec], list[Message]]) -> list[Message]:
    """The messages of the first call. `rendered` gives those of the prompt, or of a variant of it."""
    options = parse_options(spec.strategy, spec.strategy_options)
    match spec.strategy:
        case "zero_shot_cot" if options.two_stage:
            return rendered(without_answer_line(spec))
        case "self_consistency":
            return rendered(reasoning(spec))
        case "least_to_most":
            return decomposing(rendered(spec)[-1].content, options.max_subquestions)
        case "pal":
            return asking_for_a_program(spec, rendered)
    return rendered(spec)
