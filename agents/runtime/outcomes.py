"""What became of a call, in one word for its trace, where the form of the reply says nothing of it."""

from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.reply import CUT_OFF


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
