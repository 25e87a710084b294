"""A chat without a browser: an agent, a scripted model, an executor on the test's own loop, and sockets to it."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from agents import build
from agents.models import Agent
from agents.runtime.scripted import ScriptedLLM
from agents.services import prompts
from chat import launcher
from chat.consumers import ChatConsumer
from chat.executor import Executor
from chat.hub import hub
from chat.journal import Journal

HOST = "testserver"


def publish_prompt(slug="plain", messages=None):
    return prompts.import_prompt(
        data={
            "slug": slug,
            "name": slug.title(),
            "messages": messages
            or [
                {"role": "system", "content": "Be brief."},
                {"slot": "history"},
                {"role": "user", "content": "{{ input }}"},
            ],
        }
    ).version


@pytest.fixture
def assistant(transactional_db):
    return Agent.objects.create(slug="assistant", name="Assistant", prompt=publish_prompt().prompt)


@pytest.fixture
def model(monkeypatch):
    """Set `model.llm` to what should answer."""

    class Model:
        llm = ScriptedLLM("Hello, Ada.")

    holder = Model()

    async def llm_for(name):
        return holder.llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return holder


@pytest.fixture
async def executor(transactional_db):
    """Runs are carried out on this test's loop, as on the server's."""
    journal = Journal(hub)
    executor = Executor(journal)
    pump = asyncio.create_task(journal.pump())
    launcher.attach(executor)
    yield executor
    launcher.detach()
    await executor.drain(5)
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)


def session_of(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


class Socket:
    """One tab's socket: commands out, messages in. (Channels' own communicator keeps connections from being closed.)"""

    def __init__(self, headers):
        scope = {"type": "websocket", "path": "/ws/chat/", "query_string": b"", "headers": headers, "subprotocols": []}
        self.wire = ApplicationCommunicator(ChatConsumer.as_asgi(), scope)

    async def connect(self):
        await self.wire.send_input({"type": "websocket.connect"})
        assert (await self.wire.receive_output(5))["type"] == "websocket.accept"

    async def disconnect(self):
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(5)

    async def send_text(self, text):
        await self.wire.send_input({"type": "websocket.receive", "text": text})

    async def send(self, **command):
        await self.send_text(json.dumps(command))

    async def receive(self, timeout=5):
        return json.loads((await self.wire.receive_output(timeout))["text"])

    async def until(self, wanted, timeout=5):
        """The first message of a type, and all that came before it."""
        seen = []
        while True:
            message = await self.receive(timeout)
            seen.append(message)
            if message["type"] == wanted:
                return message, seen

    async def until_over(self, run, timeout=10):
        """All frames of a run up to its end."""
        frames = []
        while True:
            message = await self.receive(timeout)
            if message["type"] == "frame" and message["run"] == run:
                frames.append(message)
                if message["events"][-1]["type"] in ("run.finished", "run.failed"):
                    return frames


@pytest.fixture
def socket_of():
    @asynccontextmanager
    async def connect(user=None, *, origin=f"http://{HOST}", key=None, cookie=None):
        headers = [(b"host", HOST.encode())]
        if origin:
            headers.append((b"origin", origin.encode()))
        if user is not None:
            from config.db import in_db

            cookie = f"parley_session={await in_db(session_of, user)}"
        if cookie is not None:
            headers.append((b"cookie", cookie.encode()))
        if key is not None:
            headers.append((b"authorization", f"Bearer {key}".encode()))
        socket = Socket(headers)
        await socket.connect()
        try:
            yield socket
        finally:
            await socket.disconnect()

    return connect


def events_of(frames, kind=None):
    events = [event for frame in frames for event in frame["events"]]
    return events if kind is None else [event for event in events if event["type"] == kind]


def text_of(frames, kind="answer"):
    steps = {event["step"] for event in events_of(frames, "step.started") if event["kind"] == kind}
    return "".join(event["text"] for event in events_of(frames, "text.delta") if event["step"] in steps)
