"""What a language model is to the runtime: a request goes in, chunks and one reply come out."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn as a model sees it."""

    role: Role
    content: str

    def to_json(self) -> dict[str, str]:
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `estimated` where the server reported none (a stream cut short has no usage)."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
        )

    @property
    def total(self) -> int:
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None

    def of(self, usage: Usage) -> Decimal:
        cached_price = self.input if self.cached_input is None else self.cached_input
        fresh = usage.input - usage.cached
        millionths = fresh * self.input + usage.cached * cached_price + usage.output * self.output
        return millionths / Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `parameters` are the API's own names (temperature, top_p, seed …) without max_tokens and stop."""

    messages: tuple[Message, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    response_format: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """What the trace keeps: the request as a person can read it."""
        body: dict[str, Any] = {"messages": [message.to_json() for message in self.messages], **self.parameters}
        if self.max_tokens is not None:
            body["max_tokens"] = self.max_tokens
        if self.stop:
            body["stop"] = list(self.stop)
        if self.response_format is not None:
            body["response_format"] = dict(self.response_format)
        return body


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A piece of the answer, or of the model's own reasoning where the server sends that apart."""

    text: str
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class Retrying:
    """The provider is about to try again after `wait_s`; nothing has been shown yet."""

    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole of a reply; always the last thing that a stream yields. Times are seconds.

    `left_out` names the parameters of the request that this server refuses and was not sent.
    """

    text: str
    finish_reason: str
    usage: Usage
    model: str
    reasoning: str = ""
    first_token_s: float | None = None
    duration_s: float = 0.0
    retries: int = 0
    left_out: tuple[str, ...] = ()


class LLM(Protocol):
    """A model at a provider. `stream` raises `errors.ModelError`; closing the iterator ends the call at the server."""

    @property
    def name(self) -> str: ...

    @property
    def context_window(self) -> int | None: ...

    @property
    def price(self) -> Price | None: ...

    def stream(self, request: Request) -> AsyncIterator[TextChunk | Retrying | Reply]: ...
