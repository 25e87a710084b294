"""The browser for the end-to-end tests: the system's Chromium."""

import os
import shutil

from config.bootstrap import debian, node
from config.bootstrap.console import output_of
from config.bootstrap.environment import VENV

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


def driver_settings() -> dict[str, str]:
    """What Playwright must be told: its own Node needs libatomic, which bare Debian lacks; then it takes ours."""
    own = next(VENV.glob("lib/python*/site-packages/playwright/driver/node"), None)
    if own is None or output_of([own, "--version"]):
        return {}
    return {"PLAYWRIGHT_NODEJS_PATH": node.executable() or ""}
