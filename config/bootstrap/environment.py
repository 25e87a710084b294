"""`.venv`, synced from the locked requirements: `app.txt` to run, `dev.txt` (all of that and more) to test and lint.

A stamp tells what it was last synced from. Running after testing leaves the test packages in place.
"""

import sys
from typing import Any, Literal

from config.bootstrap import openmp, stamp, uv
from config.bootstrap.console import ROOT, call, output_of, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "parley.json"
Kind = Literal["app", "dev"]


def prepare(kind: Kind) -> None:
    """Everything that Python code of ours needs."""
    ensure(kind)
    openmp.ensure()


def ensure(kind: Kind) -> None:
    had = stamp.read(STAMP)
    if had.get("kind") == "dev":
        kind = "dev"
    wanted = _wanted(kind)
    if had == wanted and PYTHON.exists():
        return
    command = uv.ensure()
    env = uv.environ()
    if not _fits():
        call(
            [command, "venv", "--quiet", "--clear", "--python", sys.executable, VENV],
            env=env,
            what="Making .venv by uv",
        )
    say(f"Installing the packages of requirements/{kind}.txt …")
    STAMP.unlink(missing_ok=True)
    call(
        [command, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--python", PYTHON, _file(kind)],
        env=env,
        what=f"Installing requirements/{kind}.txt by uv",
    )
    stamp.write(STAMP, wanted)


def _wanted(kind: Kind) -> dict[str, Any]:
    return stamp.facts(VENV, kind=kind, digest=stamp.digest(ROOT / _file(kind)))


def _file(kind: Kind) -> str:
    return f"requirements/{kind}.txt"


def _fits() -> bool:
    """Whether the environment works, was made here, and for this Python: neither copies nor upgrades keep one whole."""
    code = "import sys; print(sys.prefix, *sys.version_info[:2])"
    return output_of([PYTHON, "-c", code]) == " ".join(map(str, (VENV, *sys.version_info[:2])))
