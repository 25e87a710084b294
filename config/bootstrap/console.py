"""Running other programs and talking about it."""

import os
import ssl
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"


class Stop(Exception):
    """Bootstrap can't go on; `str()` says why and what to do."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT, what: str) -> None:
    """Run `command` in the open; Stop names `what` when it fails, after its own words."""
    try:
        done = subprocess.run(list(map(str, command)), env=env, cwd=cwd)  # noqa: S603 (made here, no shell)
    except OSError as error:
        raise Stop(f"{what} failed: {error}") from error
    if done.returncode:
        raise Stop(f"{what} failed.")


def output_of(command: Sequence[str | Path]) -> str:
    """What `command` prints, or nothing when it can't."""
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def system_certificates() -> dict[str, str]:
    """Settings that let uv and Node trust whom the system trusts, as Debian's pip does: a company's proxy, say.

    Only where the system trusts anybody: a bare one has no certificates, and those that uv and Node carry will do.
    """
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not (paths.capath and os.listdir(paths.capath)):
        return {}
    return {"UV_SYSTEM_CERTS": "true", "NODE_USE_SYSTEM_CA": "1"}


def writable_caches() -> dict[str, str]:
    """Places inside the project for the caches of uv and npm, where the home folder can't be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if _writable(Path(home)):
        return {}
    caches = {"UV_CACHE_DIR": TOOLS / "cache" / "uv", "npm_config_cache": TOOLS / "cache" / "npm"}
    return {name: str(path) for name, path in caches.items() if name not in os.environ}


def _writable(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_absolute() and os.access(folder, os.W_OK | os.X_OK)
