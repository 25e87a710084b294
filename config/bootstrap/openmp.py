"""`libgomp.so.1` for the local model where the system lacks it, as bare Debian does; a small wheel carries it.

Not from Debian, since starting Parley needs no root; the package around the library is neither imported nor in `.venv`.
"""

import ctypes

from config.bootstrap import uv
from config.bootstrap.console import ROOT, TOOLS, call, say

NAME = "libgomp.so.1"
FOLDER = TOOLS / "openmp"
"""Where the local model's process looks for it: agents/local_model/process.py."""
REQUIREMENTS = ROOT / "requirements" / "openmp.txt"


def ensure() -> None:
    if (FOLDER / NAME).exists() or _system_has_it():
        return
    say("Installing the OpenMP library that the local model needs …")
    command, folder = uv.ensure(), FOLDER / "site-packages"
    call(
        [command, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", folder, "-r", REQUIREMENTS],
        env=uv.environ(),
        what="Installing the OpenMP library",
    )
    for library in folder.glob("*.libs/libgomp-*.so.*"):
        (FOLDER / NAME).unlink(missing_ok=True)
        (FOLDER / NAME).symlink_to(library)


def _system_has_it() -> bool:
    try:
        ctypes.CDLL(NAME)
    except OSError:
        return False
    return True
