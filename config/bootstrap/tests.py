"""`make test`: everything that the tests need, then JavaScript's and Python's tests.

What can't be had is left out with a word about it; on CI it is a failure instead, so that nothing is skipped there.
"""

import os
import subprocess
from pathlib import Path

from config.bootstrap import browser, environment, node, postgres
from config.bootstrap.console import ROOT, Stop, call, is_ci, say

ON_POSTGRES = ["tests/chat", "tests/agents/models", "tests/agents/services"]
MODEL_MISSING = "There is no file of the local model for the tests that use it; run: make model"


def run(args: list[str]) -> None:
    """Never returns: pytest takes this process over. With `args` for pytest, it alone is run."""
    environment.prepare("dev")
    missing = {}
    if chromium := browser.ensure():
        os.environ.update({"CHROMIUM": chromium, **browser.driver_settings()})
    else:
        missing["e2e"] = browser.MISSING
    database = postgres.ensure()
    if not database:
        missing[""] = postgres.MISSING
    if not _has_model():
        missing["local_model"] = MODEL_MISSING
    for sentence in missing.values():
        say(sentence)
    if missing and is_ci():
        raise Stop("With CI set nothing may be missing.")
    if not args:
        node.ensure()
        _javascript()
        if database:
            _on_postgres(database)
    marks = [f"not {mark}" for mark in missing if mark]
    left_out = ["-m", " and ".join(marks)] if marks else []
    os.chdir(ROOT)
    os.execv(environment.PYTHON, [str(environment.PYTHON), "-m", "pytest", *left_out, *args])  # noqa: S606


def _has_model() -> bool:
    """Whether the model's file is there, fetched first if need be."""
    command = [environment.PYTHON, "-m", "agents.local_model.weights"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0  # noqa: S603


def _on_postgres(database: str) -> None:
    """What the database guards and what runs at once, on the other database too."""
    command = [environment.PYTHON, "-m", "pytest", *ON_POSTGRES]
    call(command, env={**os.environ, "DATABASE_URL": database}, what="The tests on PostgreSQL")


def _javascript() -> None:
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "tests" / "js").rglob("*.test.*js"))
    if not files:
        return
    env = {**os.environ, "PATH": f"{node.FOLDER}{os.pathsep}{os.environ['PATH']}"}
    # Files by name: what a folder means here differs between versions of Node.
    command: list[str | Path] = ["node", "--import", "./tests/js/imports.mjs", "--test", "--test-reporter=spec", *files]
    call(command, env=env, what="The JavaScript tests")
