"""uv in `.tools`, an environment of its own, installed by pip from whichever index pip is set up for."""

import os
import shutil
import sys
from pathlib import Path

from config.bootstrap import stamp
from config.bootstrap.console import ROOT, TOOLS, Stop, call, output_of, say, system_certificates, writable_caches

UV = TOOLS / "bin" / "uv"
PYTHON = TOOLS / "bin" / "python"
REQUIREMENTS = ROOT / "requirements" / "uv.txt"


def ensure() -> Path:
    made = stamp.facts(TOOLS, uv=stamp.digest(REQUIREMENTS))
    if UV.exists() and stamp.read(TOOLS / "stamp.json") == made:
        return UV
    say("Installing uv …")
    if not _works(PYTHON):
        _make_venv()
    call(
        [PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", REQUIREMENTS],
        env={**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        what="Installing uv by pip",
    )
    stamp.write(TOOLS / "stamp.json", made)
    return UV


def environ() -> dict[str, str]:
    """The environment for uv: it takes pip's index and certificates where it is not told of others."""
    ours = {"UV_PYTHON_DOWNLOADS": "never", **writable_caches()}
    if not any(os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")) and (
        index := _pip_setting("index-url")
    ):
        ours["UV_DEFAULT_INDEX"] = index
    if not os.environ.get("SSL_CERT_FILE") and (certificates := _pip_setting("cert")):
        ours["SSL_CERT_FILE"] = certificates
    return {**system_certificates(), **os.environ, **ours}


def _make_venv() -> None:
    for name in ("bin", "lib", "lib64", "include", "pyvenv.cfg"):
        left = TOOLS / name
        if left.is_symlink() or left.is_file():
            left.unlink()
        else:
            shutil.rmtree(left, ignore_errors=True)
    try:
        call([sys.executable, "-m", "venv", TOOLS], what="Making a virtual environment")
    except Stop as stop:
        raise Stop(f"{stop} On Debian: apt-get install python3-venv") from stop


def _works(python: Path) -> bool:
    return bool(output_of([python, "-c", "import sys, pip; print(sys.version_info[:2])"]) == str(sys.version_info[:2]))


def _pip_setting(name: str) -> str:
    if value := os.environ.get(f"PIP_{name.upper().replace('-', '_')}"):
        return value
    settings = (
        output_of([PYTHON, "-m", "pip", "config", "get", f"{section}.{name}"]) for section in ("install", "global")
    )
    return next(filter(None, settings), "")
