"""Fetching the model file from a model hub, from where an earlier try ended."""

import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from agents.local_model.errors import SourceError, Stopped
from agents.local_model.model_file import ModelFile
from agents.local_model.progress import Report

CHUNK = 1 << 16
TIMEOUT_S = 8.0


def fetch(model: ModelFile, partial: Path, *, report: Report, stop: threading.Event) -> None:
    """Fill `partial` up to the file's size. After a drop it tries again as long as each try brings something."""
    while (had := partial.stat().st_size) < model.size:
        try:
            _continue(model, partial, report, stop)
        except (OSError, HTTPException) as error:
            if partial.stat().st_size <= had:
                raise SourceError(f"the model hub did not answer ({_reason(error)})") from error
        else:
            if partial.stat().st_size <= had:
                raise SourceError("the model hub sent nothing")


def _continue(model: ModelFile, partial: Path, report: Report, stop: threading.Event) -> None:
    offset = partial.stat().st_size
    headers = {"User-Agent": "parley"} | ({"Range": f"bytes={offset}-"} if offset else {})
    request = urllib.request.Request(model.hub_url, headers=headers)  # noqa: S310 (a constant https address)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response, partial.open("r+b") as file:  # noqa: S310
        if response.status != 206:
            offset = 0  # the whole file comes, wanted or not
        length = response.headers.get("Content-Length")
        if length and offset + int(length) != model.size:
            raise SourceError("the model hub has another file under this name")
        file.seek(offset)
        file.truncate()
        while offset < model.size and (chunk := response.read(min(CHUNK, model.size - offset))):
            if stop.is_set():
                raise Stopped("stopped while the model file was fetched")
            file.write(chunk)
            offset += len(chunk)
            report("Fetching the local model", offset, model.size)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    return str(getattr(error, "reason", "") or error) or type(error).__name__
