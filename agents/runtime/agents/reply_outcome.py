"""Whether a reply had the form that was asked for, in one word for the trace of its call."""

from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import outcome_of_end
from agents.runtime.parsing.results import AnyResult, Retry, UnknownTool


def outcome_of(result: AnyResult, call: ModelCall, *, asked_again: bool) -> str:
    """`repaired`: something was tolerated. `reasked`: it is the usable reply to a correction."""
    if cut_short := outcome_of_end(call):
        return cut_short
    if isinstance(result, Retry | UnknownTool):
        return "failed"
    if asked_again:
        return "reasked"
    return "repaired" if result.flags else "parsed"
