"""Whether a reply had the form that was asked for, in one word for the trace of its call."""

from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.reply import CUT_OFF
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


def outcome_of_end(call: ModelCall) -> str:
    """What the way in which a reply ended says of it; empty where it is whole."""
    if call.finish_reason == "content_filter" or (call.reply is not None and call.reply.refused):
        return "refused"
    return "truncated" if call.finish_reason in CUT_OFF else ""


def outcome_of_words(said: str) -> str:
    """Of a reply that any words will do for."""
    return "parsed" if said else "failed"


def broken_off(error: ModelError | LimitReached) -> str:
    """Of a call that came to no end, as its time was over or the server failed."""
    return "truncated" if isinstance(error, LimitReached) else "failed"
