"""What one server understands of the API. What it refuses by name is left out from then on."""

import re
from typing import Any

import openai

from agents.runtime.llm import Request
from agents.runtime.providers.failures import message_of

# A request makes sense without these: the parsers cut what `stop` would have stopped, and the trace says which of them
# the server went without.
OPTIONAL = (
    "stream_options",
    "stop",
    "temperature",
    "top_p",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
)
ALSO_CALLED = {"stream_options": ("stream_options", "include_usage")}
OUT_OF_RANGE = re.compile(
    r"between|range|less than|greater than|at (?:most|least)|maximum|minimum|too (?:high|low|large|small)|[<>≤≥]=?",
    re.IGNORECASE,
)
UNKNOWN = re.compile(r"unsupported|not support|unknown|unrecogni[sz]ed", re.IGNORECASE)
REFUSED = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|extra|not permitted|not allowed|invalid",
    re.IGNORECASE,
)


class Dialect:
    """Learned by being refused, kept as long as the client lives."""

    def __init__(self) -> None:
        self.left_out: set[str] = set()
        self.limit_name = "max_tokens"

    def body(self, request: Request) -> dict[str, Any]:
        """Everything of a request but model and messages."""
        wanted: dict[str, Any] = {"stream_options": {"include_usage": True}, **request.parameters}
        if request.stop:
            wanted["stop"] = list(request.stop)
        if request.response_format is not None:
            wanted["response_format"] = dict(request.response_format)
        if request.max_tokens is not None:
            wanted[self.limit_name] = request.max_tokens
        return {name: value for name, value in wanted.items() if name not in self.left_out}

    def missing_from(self, request: Request) -> tuple[str, ...]:
        """What the server goes without of all that the request asks for."""
        asked = {*request.parameters, *(["stop"] if request.stop else [])}
        return tuple(sorted(asked & self.left_out))

    def learn(self, error: openai.APIStatusError, sent: dict[str, Any]) -> bool:
        """Whether the same request can be sent once more, without what the server doesn't know."""
        if error.status_code not in (400, 422):
            return False
        parameter, text = message_of(error)
        if self.limit_name == "max_tokens" and "max_tokens" in sent and "max_completion_tokens" in text:
            self.limit_name = "max_completion_tokens"
            return True
        if OUT_OF_RANGE.search(text) and not UNKNOWN.search(text):
            return False  # the server knows it, and whoever wrote the prompt must hear that it can't be so
        for name in OPTIONAL:
            if name in sent and _names(name, parameter, text):
                self.left_out.add(name)
                return True
        return False


def _names(name: str, parameter: str, text: str) -> bool:
    names = ALSO_CALLED.get(name, (name,))
    if parameter.split(".")[0] in names or parameter in names:
        return True
    mentioned = any(re.search(rf"(?<!\w){alias}(?!\w)", text) for alias in names)
    return mentioned and bool(REFUSED.search(text))
