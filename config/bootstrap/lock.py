"""`make lock`: the requirement files again, with hashes and without the addresses they came from."""

import os

from config.bootstrap import node, uv
from config.bootstrap.console import ROOT, call, say

OPTIONS = ["--quiet", "--universal", "--python-version=3.11", "--generate-hashes", "--no-header"]


def lock(*, upgrade: bool = False) -> None:
    """Versions stay as they are unless a `.in` file asks for others, or `upgrade`."""
    command = uv.ensure()
    for name in ("uv", "node", "openmp", "app", "dev"):
        say(f"requirements/{name}.txt")
        call(
            [
                *[command, "pip", "compile", *OPTIONS],
                *(["--upgrade"] if upgrade else []),
                *(["--no-deps"] if name == "openmp" else []),  # only the library in it is used
                # What is tested is what is run.
                *(["--constraints=requirements/app.txt"] if name == "dev" else []),
                *[f"requirements/{name}.in", f"--output-file=requirements/{name}.txt"],
            ],
            env=uv.environ(),
            what=f"Locking requirements/{name}.in",
        )
    say("config/vendor/package-lock.json")
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved", "--silent"]
    path = f"{node.FOLDER}{os.pathsep}{os.environ['PATH']}"
    call(npm, env={**os.environ, "PATH": path}, cwd=ROOT / "config" / "vendor", what="Locking config/vendor")
