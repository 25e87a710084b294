"""The server: `python -m config.serve`.

Daphne has no ASGI lifespan and takes uvloop only if it is installed first, so this launcher owns the loop: uvloop, then
Twisted's asyncio reactor on it, then Daphne, with the executor, the journal, the keeper, evaluations and the local
model as tasks of the same loop. All of the embedded shape happens in this one process and the model's child.
"""

import asyncio
import contextlib
import io
import logging
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop
from twisted.internet import asyncioreactor

loop = uvloop.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from daphne.endpoints import build_endpoint_description_strings  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.base import SystemCheckError  # noqa: E402
from django.db import connections  # noqa: E402
from twisted.internet import defer, reactor  # noqa: E402

from config.env import env  # noqa: E402
from config.prepare import prepare  # noqa: E402

logger = logging.getLogger(__name__)

DRAIN_S = 2.0  # runs get this long to finish when the server is told to stop


class Work:
    """The server's tasks, from its start to its end."""

    def __init__(self) -> None:
        from chat.executor import Executor
        from chat.hub import hub
        from chat.journal import Journal

        self.hub = hub
        self.journal = Journal(hub)
        self.executor = Executor(self.journal)
        self.stopping = asyncio.Event()
        self.model_stopping = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.model: asyncio.Task[None] | None = None

    def start(self) -> None:
        from agents.evaluator import serve_evaluations
        from chat import launcher
        from chat.keeper import keep

        launcher.attach(self.executor)
        self.pump = _run(self.journal.pump())
        self.tasks = [_run(keep(self.executor, self.hub, self.stopping)), _run(serve_evaluations(self.stopping))]
        if settings.LOCAL_MODEL:
            from agents.local_model.supervisor import LocalModel

            local_model = LocalModel(settings.DATA_DIR, path=settings.LOCAL_MODEL_PATH)
            self.model = _run(local_model.serve(self.model_stopping))

    async def stop(self) -> None:
        """Let runs finish for a moment, leave the others to the next start, write what is left.

        The local model goes last: runs that lost it first would end as failed instead of being left.
        """
        from agents.build.language_models import close_clients
        from agents.build.sandboxes import close_sandboxes
        from chat import launcher
        from chat.services.runs import release
        from config.db import in_db

        launcher.detach()
        self.stopping.set()
        await asyncio.wait(self.tasks, timeout=10)
        await self.executor.drain(DRAIN_S)
        self.pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.pump
        await in_db(release, self.executor.held)
        await close_clients()
        await close_sandboxes()
        self.model_stopping.set()
        if self.model:
            await asyncio.wait([self.model], timeout=10)


def _run(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = loop.create_task(work)
    task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("A task of the server ended by an error", exc_info=task.exception())


def main() -> None:
    django.setup()
    try:
        call_command("check", fail_level="ERROR", stdout=io.StringIO())
    except SystemCheckError as error:
        sys.exit(str(error))
    _refuse_taken_port()
    prepare()
    from config.asgi import application  # WhiteNoise looks at the static files once, when this is imported

    work = Work()
    server = Server(
        application=application,
        endpoints=build_endpoint_description_strings(host=env.host, port=env.port),
        signal_handlers=False,
        server_name="Parley",
        verbosity=0,
        ready_callable=_say_where,
        application_close_timeout=5,
        websocket_handshake_timeout=20,
        ping_interval=20,
        ping_timeout=60,
    )
    loop.call_soon(work.start)
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: defer.Deferred.fromFuture(loop.create_task(work.stop()))
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: reactor.callFromThread(_stop_once))
    # The last connection that closes checkpoints and deletes SQLite's write-ahead log: keep one open.
    connections["default"].ensure_connection()
    server.run()


def _stop_once() -> None:
    if reactor.running and not getattr(_stop_once, "asked", False):
        _stop_once.asked = True  # type: ignore[attr-defined]
        print("\nStopping …", flush=True)
        reactor.stop()


def _refuse_taken_port() -> None:
    """Say so before anything else is done: Daphne would only log it and go on without listening."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(env.host, env.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        sys.exit(f"Parley can't listen on {env.host}:{env.port}: {error.strerror}. Choose another: make run PORT=8001")


def _say_where() -> None:
    from agents.services.accounts import first_administrator, issue_sign_in_link

    name = "localhost" if env.host in ("127.0.0.1", "0.0.0.0") else env.host  # noqa: S104
    base = f"http://{f'[{name}]' if ':' in name else name}:{env.port}"
    print(f"\n  Parley is running at {base}/", flush=True)
    admin = first_administrator()
    if admin is not None:
        token = issue_sign_in_link(user=admin)
        print(f"  Sign in as {admin.username} (works once): {base}/accounts/link/{token}/", flush=True)
    print("  Stop with Ctrl-C.\n", flush=True)


if __name__ == "__main__":
    main()
