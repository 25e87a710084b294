"""The websocket: one a tab. It translates, and owns no state worth keeping."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from agents.models import User
from chat import launcher, snapshots
from chat.errors import CommandError
from chat.hub import Outbox, hub
from chat.identity import Credentials, credentials_of
from chat.models import Conversation, Message, Run
from chat.protocol import (
    Command,
    MalformedFrame,
    Ping,
    RunCancel,
    RunRetry,
    RunStart,
    Unwatch,
    Watch,
    encode,
    parse_command,
)
from chat.services import conversations, runs
from chat.snapshots import StoredFrame
from config.db import in_db

logger = logging.getLogger(__name__)

SIGNED_OUT = 4401
CHECK_EVERY_S = 60


class ChatConsumer(AsyncWebsocketConsumer):
    """Permission, then join, then the past, then what comes."""

    user: User | None = None
    group = ""

    async def connect(self) -> None:
        self.credentials: Credentials | None = credentials_of(self.scope)
        self.outbox = Outbox()
        self.replaying = asyncio.Lock()  # live frames wait while the past is sent, or they would look like gaps
        self.replayed: dict[UUID, int] = {}  # the last frame of each run that was sent from its log
        self.watched: set[UUID] = set()
        self.tasks: list[asyncio.Task[None]] = []
        await self.accept()
        if not await self._still_signed_in():
            return
        self.group = launcher.group_of(self.user.pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.tasks = [asyncio.create_task(self._deliver()), asyncio.create_task(self._check_now_and_then())]

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        for conversation_id in self.watched:
            hub.leave(conversation_id, self.outbox)
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command_id = None
        try:
            command = parse_command(text_data)
            command_id = command.id
            if await self._still_signed_in():
                await self._obey(command)
        except MalformedFrame as error:
            await self._refuse(error, error.command_id)
        except CommandError as error:
            await self._refuse(error, command_id)
        except Exception:
            logger.exception("A command failed by an error of ours")
            await self._refuse(CommandError("internal", "Something went wrong on our side. Try again."), command_id)

    async def sidebar(self, event: dict[str, Any]) -> None:
        """A message for the side bar, from the channel layer."""
        await self.send(encode(event["message"]))

    async def _obey(self, command: Command) -> None:
        match command:
            case RunStart():
                await self._start(command)
            case RunRetry():
                started = await in_db(
                    runs.retry_run,
                    user=self.user,
                    client_id=command.id,
                    answer_id=command.message,
                    agent_slug=command.agent,
                )
                await self._acknowledge(command.id, started)
            case RunCancel():
                run = await in_db(runs.request_cancel, user=self.user, run_id=command.run)
                await self.send(encode(acknowledgement(command.id, run, message=None)))
            case Watch():
                await self._watch(command)
            case Unwatch():
                self.watched.discard(command.conversation)
                hub.leave(command.conversation, self.outbox)
            case Ping():
                await self.send(encode({"type": "pong"} if command.id is None else {"type": "pong", "id": command.id}))

    async def _start(self, command: RunStart) -> None:
        started = await in_db(
            runs.start_run,
            user=self.user,
            client_id=command.id,
            text=command.text,
            conversation_id=command.conversation,
            agent_slug=command.agent,
            parent_id=command.parent if command.names_parent else runs.ACTIVE_LEAF,
        )
        await self._acknowledge(command.id, started)

    async def _acknowledge(self, command_id: str, started: runs.Started) -> None:
        """Say what was made, then follow it: its frames come after the ack, from the first one on."""
        run = started.run
        await self.send(encode(acknowledgement(command_id, run, message=started.message)))
        async with self.replaying:
            self._join(run.conversation_id)
            await self._replay(await in_db(snapshots.frames_after, run.pk, 0))

    async def _watch(self, command: Watch) -> None:
        conversation = await in_db(conversations.get, user=self.user, conversation_id=command.conversation)
        # Joined before reading, so that no frame can fall between the two.
        async with self.replaying:
            self._join(conversation.pk)
            snapshot, frames = await in_db(self._past, conversation.pk, command.after)
            await self.send(encode({**snapshot, "id": command.id}))
            await self._replay(frames)

    async def _replay(self, frames: Sequence[StoredFrame]) -> None:
        """Send the past. What of it waits in the outbox as well is passed over there."""
        for frame in frames:
            await self.send(frame.text)
            self.replayed[frame.run_id] = frame.seq

    @staticmethod
    def _past(conversation_id: UUID, after: dict[UUID, int]) -> tuple[dict[str, Any], list[StoredFrame]]:
        conversation = Conversation.objects.select_related("agent").get(pk=conversation_id)
        return snapshots.snapshot(conversation), snapshots.frames_since(conversation_id, after)

    def _join(self, conversation_id: UUID) -> None:
        self.watched.add(conversation_id)
        hub.join(conversation_id, self.outbox)

    async def _refuse(self, error: CommandError, command_id: str | None) -> None:
        refusal = {"type": "error", "id": command_id, "code": error.code, "detail": error.detail, "retry_after": None}
        await self.send(encode(refusal))

    async def _still_signed_in(self) -> bool:
        """The session, the key and the user are looked at again on each command and every minute."""
        self.user = None if self.credentials is None else await in_db(self.credentials.user)
        if self.user is None:
            await self.close(SIGNED_OUT)
        return self.user is not None

    async def _deliver(self) -> None:
        while True:
            frame = await self.outbox.next()
            async with self.replaying:
                if frame.seq > self.replayed.get(frame.run_id, 0):
                    self.replayed.pop(frame.run_id, None)
                    await self.send(frame.text)

    async def _check_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                if not await self._still_signed_in():
                    return
            except DatabaseError:
                logger.warning("A socket's sign-in couldn't be checked; it is checked again", exc_info=True)


def acknowledgement(command_id: str, run: Run, *, message: Message | None) -> dict[str, Any]:
    """What a command made, or the run that it was about."""
    return {
        "type": "ack",
        "id": command_id,
        "conversation": str(run.conversation_id),
        "message": str(message.pk) if message else None,
        "answer": str(run.answer_id),
        "run": str(run.pk),
        "state": run.state,
    }
