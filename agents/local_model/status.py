"""What the local model is doing, as a file that other processes of this installation read."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Address:
    """Where a model server that speaks the OpenAI API listens."""

    base_url: str
    api_key: str = field(repr=False)
    model: str


@dataclass(frozen=True)
class Status:
    state: Literal["loading", "ready", "failed"]
    detail: str
    """A sentence for people."""
    model: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    pid: int | None = None
    """The process that serves the model."""
    owner: int = 0
    """The process that keeps this file up to date."""

    @property
    def address(self) -> Address | None:
        return Address(self.base_url, self.api_key, self.model) if self.state == "ready" else None


def path_in(data_dir: Path) -> Path:
    return data_dir / "run" / "local-model.json"


def write(data_dir: Path, status: Status) -> None:
    """Replace the file in one step, readable by its owner alone."""
    path = path_in(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, fresh = tempfile.mkstemp(prefix=".local-model-", dir=path.parent)  # 0600
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(status), file)
    os.replace(fresh, path)


def read(data_dir: Path) -> Status | None:
    """The status, unless nobody keeps it up to date any more."""
    try:
        status = Status(**json.loads(path_in(data_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return status if _alive(status.owner) else None


def remove(data_dir: Path) -> None:
    """Take the file away if it is this process's own."""
    status = read(data_dir)
    if status and status.owner == os.getpid():
        path_in(data_dir).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return pid > 0
