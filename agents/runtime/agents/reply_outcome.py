"""Whether a reply had the form that was asked for, in one word for the trace of its call."""

from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.parsing.results import AnyResult, Retry, UnknownTool


def outcome_of(result: AnyResult, call: ModelCall, *, asked_again: bool) -> str:
    """`repaired`: something was tolerated. `reasked`: it is the usable reply to a correction."""
    if call.finish_reason == "content_filter" or (call.reply is not None and call.reply.refused):
        return "refused"
    if call.finish_reason in CUT_OFF:
        return "truncated"
    if isinstance(result, Retry | UnknownTool):
        return "failed"
    if asked_again:
        return "reasked"
    return "repaired" if result.flags else "parsed"
