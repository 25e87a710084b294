"""Finding the local model's file, or fetching it from whichever source has it.

Every source continues the same `.partial` file, as all of them have the same bytes: what one source brought is kept
when the next one goes on. `python -m agents.local_model.weights` does it by hand and prints where the file is.
"""

import fcntl
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from agents.local_model import hub, mirror
from agents.local_model.errors import LocalModelError, SourceError, Stopped, WeightsError
from agents.local_model.model_file import QWEN, ModelFile, is_genuine, remember
from agents.local_model.progress import Console, Report

WHAT_TO_DO = (
    "Set OPENAI_BASE_URL (and OPENAI_API_KEY) to use another model server, "
    "LOCAL_MODEL_PATH if the file is on this machine already, "
    "or MODEL=none to start without a model."
)


class Source(Protocol):
    def __call__(self, model: ModelFile, partial: Path, *, report: Report, stop: threading.Event) -> None: ...


SOURCES: Sequence[Source] = (hub.fetch, mirror.fetch)


def cache_folder() -> Path | None:
    """`${XDG_CACHE_HOME:-~/.cache}/parley/models`, or None for a user who has no home."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        try:
            base = Path.home() / ".cache"
        except RuntimeError:
            return None
    return base / "parley" / "models"


def find_or_fetch(
    given: Path | None = None,
    *,
    spare: Path | None = None,
    model: ModelFile = QWEN,
    sources: Sequence[Source] | None = None,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> Path:
    """The path of the checked file: `given`, else the cache's, else fetched into the cache.

    `spare` is a folder to use where the cache can't be written. Blocks, for minutes if it must: call it on a thread.
    """
    report, stop = report or Console(), stop or threading.Event()
    folders = [folder for folder in (cache_folder(), spare) if folder] or [Path.cwd()]
    home = next((folder for folder in folders if _writable(folder)), folders[-1])
    memory = home / "verified.json"
    if given:
        return _given(given.expanduser(), model, memory, report, stop)
    for folder in folders:
        if (path := folder / model.name).is_file() and is_genuine(path, model, memory=memory, report=report, stop=stop):
            return path
    if not _writable(home):
        raise WeightsError(f"The local model can't be stored: {home} can't be written. {WHAT_TO_DO}")
    with _alone(home / f"{model.name}.lock", report, stop, model):
        path = home / model.name
        if path.is_file():  # another process was faster, or the file is broken
            if is_genuine(path, model, memory=memory, report=report, stop=stop):
                return path
            path.unlink()
        _fetch(model, path, memory, sources or SOURCES, report, stop)
    return path


def _given(path: Path, model: ModelFile, memory: Path, report: Report, stop: threading.Event) -> Path:
    if not path.is_file():
        raise WeightsError(f"LOCAL_MODEL_PATH names {path}, but there is no such file.")
    if not is_genuine(path, model, memory=memory, report=report, stop=stop):
        raise WeightsError(f"LOCAL_MODEL_PATH names {path}, which is not {model.name} with SHA-256 {model.sha256}.")
    return path


def _fetch(
    model: ModelFile, path: Path, memory: Path, sources: Sequence[Source], report: Report, stop: threading.Event
) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.touch()
    if partial.stat().st_size > model.size:
        os.truncate(partial, 0)
    _check_room(model, partial)
    problems = []
    for source in sources:
        try:
            # Twice: bytes of an earlier source may be the ones that are wrong.
            for _ in range(2):
                source(model, partial, report=report, stop=stop)
                if is_genuine(partial, model, memory=memory, report=report, stop=stop):
                    partial.replace(path)
                    remember(path, model, memory=memory)
                    return
                os.truncate(partial, 0)
            problems.append("what came was not the right file")
        except SourceError as error:
            problems.append(str(error))
        except OSError as error:
            raise WeightsError(f"The local model can't be stored in {path.parent}: {error}. {WHAT_TO_DO}") from error
    raise WeightsError(f"The local model can't be fetched: {'; '.join(problems)}. {WHAT_TO_DO}")


def _check_room(model: ModelFile, partial: Path) -> None:
    missing = model.size - partial.stat().st_size + model.part_size * 2
    free = shutil.disk_usage(partial.parent).free
    if free < missing:
        raise WeightsError(
            f"The local model needs {missing / 1e9:.1f} GB in {partial.parent}, which has {free / 1e9:.1f} GB left. "
            f"Make room, set XDG_CACHE_HOME to another place, or: {WHAT_TO_DO}"
        )


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def _alone(lock: Path, report: Report, stop: threading.Event, model: ModelFile) -> Iterator[None]:
    """One process fetches; the others wait for what it brings."""
    partial = lock.with_name(f"{model.name}.partial")
    with lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                report("Another process is fetching the local model", _size(partial, model), model.size)
                if stop.wait(0.5):
                    raise Stopped("stopped while another process fetched the model file") from None
        yield


def _size(partial: Path, model: ModelFile) -> int:
    """Bytes of `partial`, or 0 without it: the process that fetches may rename it at any moment."""
    try:
        return min(partial.stat().st_size, model.size)
    except FileNotFoundError:
        return 0


def main() -> int:
    """Fetch the file if it isn't there; for `make model`, which knows the settings only as environment variables."""
    given = os.environ.get("LOCAL_MODEL_PATH")
    try:
        print(find_or_fetch(Path(given) if given else None))
    except LocalModelError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what has come so far is kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
