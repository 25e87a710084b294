"""The browser for the end-to-end tests: the system's Chromium."""

import os
import shutil

from config.bootstrap import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "There is no Chromium for the tests in a browser. Install it (Debian: sudo apt-get install chromium), "
    "or set CHROMIUM to its path, and run the tests again."
)


def executable() -> str | None:
    """CHROMIUM, else the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> str | None:
    """The browser's path, installed first if need be; None when it can't be had."""
    if not executable():
        debian.install("chromium")
    return executable()
