"""The request of a call, by what its prompt says."""

from collections.abc import Sequence

from agents.runtime.consistency import consistent
from agents.runtime.llm import LLM, Message, Request
from agents.runtime.prompts import PromptSpec
from agents.runtime.prompts.checks import MOST_STOPS

ANSWER_TOKENS = 4096


def request_for(
    llm: LLM, prompt: PromptSpec, messages: Sequence[Message], *, most: int = ANSWER_TOKENS, stop: tuple[str, ...] = ()
) -> Request:
    """A call by the prompt's parameters. Without a limit of its own an answer leaves room for the conversation.

    Of stop texts the API takes a few; those of a protocol come last, as its parser cuts without them too.

    What is read as a value comes out the same each time, as far as the server can: see `consistency`.
    """
    parameters = dict(prompt.parameters if prompt.output.kind == "text" else consistent(prompt).parameters)
    own_stop = parameters.pop("stop", ())
    own_stop = (own_stop,) if isinstance(own_stop, str) else tuple(own_stop)
    room = most if llm.context_window is None else min(most, llm.context_window // 4)
    max_tokens = parameters.pop("max_tokens", None) or room
    response_format = parameters.pop("response_format", None)
    return Request(tuple(messages), parameters, max_tokens, (*own_stop, *stop)[:MOST_STOPS], response_format)
