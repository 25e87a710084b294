"""What a program may ask of `/v1/chat/completions`, checked at the edge."""

from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from chat.api.errors import ApiError


class _Part(BaseModel):
    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part]

    def to_turn(self) -> dict[str, str]:
        role = "system" if self.role == "developer" else self.role
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": role, "content": text}


class StreamOptions(BaseModel):
    include_usage: bool = False


class ParleyOptions(BaseModel):
    """Our own field in the extra body."""

    reasoning: bool = False


class ChatRequest(BaseModel):
    """What an agent decides for itself (temperature, max_tokens, tools …) is accepted and has no effect."""

    model_config = ConfigDict(extra="ignore")
    model: str
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int = 1
    max_tokens: PositiveInt | None = None
    max_completion_tokens: PositiveInt | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    parley: ParleyOptions = ParleyOptions()

    @property
    def wants_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


def parse_request(body: bytes) -> ChatRequest:
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"{where}: {first['msg']}." if where else f"The body of the request can't be read. {first['msg']}."
        raise ApiError(400, "invalid_request", message, param=where or None) from None
    _check(request)
    return request


def _check(request: ChatRequest) -> None:
    if request.n != 1:
        raise ApiError(400, "unsupported_value", "n: only 1 is supported.", param="n")
    if request.messages[-1].role != "user":
        raise ApiError(400, "invalid_request", "messages: the last message must be the user's.", param="messages")
    last: dict[str, Any] = request.messages[-1].to_turn()
    if not last["content"].strip():
        raise ApiError(400, "empty_message", "messages: the last message is empty.", param="messages")
    total = sum(len(message.to_turn()["content"]) for message in request.messages)
    if len(last["content"]) > settings.MAX_MESSAGE_CHARS or total > 20 * settings.MAX_MESSAGE_CHARS:
        limit = settings.MAX_MESSAGE_CHARS
        raise ApiError(
            400, "message_too_long", f"messages: a message has at most {limit:,} characters.", param="messages"
        )
