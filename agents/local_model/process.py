"""The supervisor's end of the child process: starting it, hearing where it listens, ending it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from agents.local_model.errors import LocalModelError

OPENMP = Path(__file__).resolve().parents[2] / ".tools" / "openmp"
"""Has `libgomp.so.1` if the system hasn't."""
CHILD = (sys.executable, "-I", str(Path(__file__).with_name("child.py")))
POLL_S = 0.2


class Process:
    """One child. Not asyncio's kind of process: those need the loop's own SIGCHLD handler, which Twisted replaces."""

    def __init__(self, command: Sequence[str], wanted: dict[str, object]) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 (made here, no shell)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server, which then ends its child
            bufsize=0,
            env=_environment(),
        )
        self.pid = self._popen.pid
        self._said = b""
        assert self._popen.stdin and self._popen.stdout
        self._stdin, self._stdout = self._popen.stdin, self._popen.stdout
        os.set_blocking(self._stdout.fileno(), False)
        try:
            self._stdin.write(json.dumps(wanted).encode() + b"\n")
        except BrokenPipeError:
            pass  # it has ended already, as `alive` will tell

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    async def address(self) -> str | None:
        """Where it listens, once it does; None when it ended before; LocalModelError if it never will."""
        while b"\n" not in self._said:
            self._said += self._stdout.read() or b""
            if not self.alive and b"\n" not in self._said:
                return None
            await asyncio.sleep(POLL_S)
        said = json.loads(self._said)
        if "error" in said:
            raise LocalModelError(
                f"The local model's library can't be loaded: {said['error']}. "
                "On Debian, apt-get install libgomp1 may help; or set OPENAI_BASE_URL to use another model server."
            )
        return str(said["address"])

    async def gone(self) -> None:
        while self.alive:  # noqa: ASYNC110 (an event would need SIGCHLD too)
            await asyncio.sleep(POLL_S)

    def end(self) -> None:
        """Close its standard input, which tells it to end; then make sure. Synchronous, as it must work in a cancel."""
        self._stdin.close()
        try:
            self._popen.wait(1)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._stdout.close()


def _environment() -> dict[str, str]:
    if not OPENMP.is_dir():
        return dict(os.environ)
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, (str(OPENMP), os.environ.get("LD_LIBRARY_PATH"))))}
