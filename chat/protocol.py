"""The websocket's language (architecture.md §5): what a client may say, checked at the edge."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chat.errors import CommandError

MAX_FRAME_CHARS = 400_000


class _Command(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    id: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")


class RunStart(_Command):
    """`parent`: a message = beneath it, null = a new root, absent = the active leaf."""

    type: Literal["run.start"]
    conversation: UUID | None = None
    agent: str | None = None
    text: str
    parent: UUID | None = None
    attachments: list[Any] = Field(default_factory=list, max_length=0)

    @property
    def names_parent(self) -> bool:
        return "parent" in self.model_fields_set


class RunRetry(_Command):
    type: Literal["run.retry"]
    message: UUID
    agent: str | None = None
    model: None = None


class RunCancel(_Command):
    type: Literal["run.cancel"]
    run: UUID


class Watch(_Command):
    type: Literal["watch"]
    conversation: UUID
    after: dict[UUID, int] = Field(default_factory=dict)


class Unwatch(_Command):
    type: Literal["unwatch"]
    conversation: UUID


class Ping(BaseModel):
    type: Literal["ping"]
    id: str | None = None


Command = RunStart | RunRetry | RunCancel | Watch | Unwatch | Ping
_command: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])


class MalformedFrame(CommandError):
    """A frame that is not of the protocol. `command_id` is echoed where the frame had a usable one."""

    def __init__(self, detail: str, command_id: str | None = None) -> None:
        super().__init__("bad_request", detail)
        self.command_id = command_id


def parse_command(text: str | None) -> Command:
    """One text frame as a command, or MalformedFrame with what is wrong."""
    if text is None:
        raise MalformedFrame("Frames are JSON text; this one was binary.")
    if len(text) > MAX_FRAME_CHARS:
        raise MalformedFrame(f"The frame is longer than {MAX_FRAME_CHARS:,} characters.")
    try:
        data: Any = orjson.loads(text)
    except ValueError:
        raise MalformedFrame("The frame is not JSON.") from None
    if not isinstance(data, dict):
        raise MalformedFrame("The frame is not a JSON object.")
    try:
        return _command.validate_python(data)
    except ValidationError as error:
        raise MalformedFrame(_explain(error), _id_of(data)) from None


def _id_of(data: dict[str, Any]) -> str | None:
    value = data.get("id")
    return value if isinstance(value, str) and len(value) <= 64 else None


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return "The frame has no known “type”."
    where = ".".join(str(part) for part in first["loc"][1:])
    return f"“{where}”: {first['msg']}."


def encode(message: dict[str, Any] | list[Any]) -> str:
    return orjson.dumps(message).decode()
