"""What a language model is to the runtime: a request goes in, chunks and one reply come out."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
# What a message is to the call that holds it: decides what gives way when the window is full (memory.context).
Part = Literal["", "example", "history", "question"]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call that the model asks for, as it wrote it: `arguments` is JSON text that nobody has checked yet."""

    id: str
    name: str
    arguments: str

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function that the model may call. `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool = False

    def to_json(self) -> dict[str, Any]:
        function: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }
        return {"type": "function", "function": {**function, "strict": True} if self.strict else function}


@dataclass(frozen=True, slots=True)
class Message:
    """One turn as a model sees it. An assistant's may hold calls; each is answered by a tool message of its id."""

    role: Role
    content: str
    calls: tuple[FunctionCall, ...] = ()
    call_id: str = ""
    reasoning: str = ""
    part: Part = field(default="", compare=False)

    def to_json(self) -> dict[str, Any]:
        """As the API takes it; `reasoning` goes back only to servers that demand it, which the provider adds."""
        body: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.calls:
            body |= {"content": self.content or None, "tool_calls": [call.to_json() for call in self.calls]}
        if self.call_id:
            body["tool_call_id"] = self.call_id
        return body


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


FunctionChoice = Literal["auto", "none", "required"]
# A looser one, none at all, or an error of code `unsupported`, as the caller has other means.
FormatFallback = Literal["looser", "none", "error"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `parameters` are the API's own names (temperature, top_p, seed …) without max_tokens and stop.

    `n` is how many replies are wanted of the same prompt; `function_choice` may also be the name of one function.
    `format_fallback` is what becomes of a response format that the server doesn't take.
    """

    messages: tuple[Message, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    response_format: Mapping[str, Any] | None = None
    format_fallback: FormatFallback = "looser"
    functions: tuple[FunctionSpec, ...] = ()
    function_choice: FunctionChoice | str | None = None
    parallel_calls: bool | None = None
    n: int = 1

    def to_json(self) -> dict[str, Any]:
        """What the trace keeps: the request as a person can read it."""
        body: dict[str, Any] = {"messages": [message.to_json() for message in self.messages], **self.parameters}
        if self.max_tokens is not None:
            body["max_tokens"] = self.max_tokens
        if self.stop:
            body["stop"] = list(self.stop)
        if self.response_format is not None:
            body["response_format"] = dict(self.response_format)
        return {**body, **self.functions_to_json(), **({"n": self.n} if self.n > 1 else {})}

    def functions_to_json(self) -> dict[str, Any]:
        """What the request says of functions, under the API's own names."""
        if not self.functions:
            return {}
        body: dict[str, Any] = {"tools": [function.to_json() for function in self.functions]}
        if self.function_choice in ("auto", "none", "required"):
            body["tool_choice"] = self.function_choice
        elif self.function_choice is not None:
            body["tool_choice"] = {"type": "function", "function": {"name": self.function_choice}}
        if self.parallel_calls is not None:
            body["parallel_tool_calls"] = self.parallel_calls
        return body


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A piece of the answer, or of the model's own reasoning where the server sends that apart.

    `choice` tells the replies of a request with `n` > 1 apart; they come interleaved. With `finish_reason`, which only
    such requests have, this one has come to its end.
    """

    text: str
    reasoning: bool = False
    choice: int = 0
    finish_reason: str = ""


@dataclass(frozen=True, slots=True)
class CallChunk:
    """A piece of a function call: `place` counts the calls of a reply from 0, `name` is in the first piece of each."""

    place: int
    name: str
    arguments: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Retrying:
    """The provider is about to try again after `wait_s`; nothing has been shown yet.

    `again` is False where the first try has to wait.
    """

    reason: str
    wait_s: float
    again: bool = True


@dataclass(frozen=True, slots=True)
class FellBack:
    """This model gave up for `reason`, a code of `errors.ModelError`, and the next one is asked; nothing was shown."""

    model: str
    next_model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several replies to the same request. `logprob` is the mean of its tokens' where the server gave any."""

    text: str
    finish_reason: str
    reasoning: str = ""
    calls: tuple[FunctionCall, ...] = ()
    refused: bool = False
    logprob: float | None = None

    @property
    def written(self) -> str:
        """All that the model wrote, for its count."""
        return self.text + self.reasoning + "".join(call.name + call.arguments for call in self.calls)


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole of a reply; always the last thing that a stream yields. Times are seconds.

    `left_out` names what this server refuses of the request and was not sent. `refused`: the text is the model's
    refusal. `choices` are all the replies that came where `n` > 1 was asked, which may be fewer, and where the server
    gave logprobs; `text` is then the first's. `price` is that of the model that answered.
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
    calls: tuple[FunctionCall, ...] = ()
    refused: bool = False
    choices: tuple[Choice, ...] = ()
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model's server understands (agents.md F.7): assumed at first, corrected by what it refuses."""

    tools: bool = True
    parallel_tools: bool = True
    json_schema: bool = True
    json_object: bool = True
    stop: bool = True
    n: bool = True
    temperature: bool = True
    system_role: Literal["yes", "merge_into_user"] = "yes"
    alternate_roles: bool = False
    reasoning_roundtrip: Literal["never", "with_tools"] = "never"


AnyChunk = TextChunk | CallChunk | Retrying | FellBack | Reply


class LLM(Protocol):
    """A model at a provider. `stream` raises `errors.ModelError`; closing the iterator ends the call at the server."""

    @property
    def name(self) -> str: ...

    @property
    def context_window(self) -> int | None: ...

    @property
    def price(self) -> Price | None: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def stream(self, request: Request) -> AsyncIterator[AnyChunk]: ...
