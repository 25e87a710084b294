"""Installing Debian packages, where we may: as root on a Debian-like system."""

import os
import shutil
import subprocess

from config.bootstrap.console import say


def install(*packages: str) -> bool:
    """Whether `packages` are installed now. Says nothing when it isn't allowed to: the caller knows what is missing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {' '.join(packages)} by apt-get …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["-qq", "-o=Dpkg::Use-Pty=0"]
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *quiet, *command], env=env, stdout=subprocess.DEVNULL)  # noqa: S603, S607
        if done.returncode and command[0] == "install":
            return False
    return True
