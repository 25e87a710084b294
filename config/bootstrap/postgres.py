"""A PostgreSQL server for the tests that need one."""

import glob
import os
import subprocess

from config.bootstrap import debian
from config.bootstrap.console import is_ci, output_of
from config.bootstrap.environment import PYTHON

CANDIDATES = ("postgres://postgres@localhost:5432/postgres", "postgres://%2Fvar%2Frun%2Fpostgresql/postgres")
MISSING = (
    "No PostgreSQL server answers for the tests that need one. Start one, or set TEST_DATABASE_URL "
    "(a user who may create databases)."
)
ASK = "import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=3).close(); print('here')"


def ensure() -> str | None:
    """The address of a server that lets us in; None when there is none. CI's machine gets one installed."""
    if url := _reachable():
        return url
    if is_ci() and not os.environ.get("TEST_DATABASE_URL") and debian.install("postgresql"):
        _start()
    return _reachable()


def _reachable() -> str | None:
    given = os.environ.get("TEST_DATABASE_URL")
    return next((url for url in ([given] if given else CANDIDATES) if output_of([PYTHON, "-c", ASK, url])), None)


def _start() -> None:
    """Debian's cluster `main`, and a role for root, whom it lets in through its socket."""
    for folder in sorted(glob.glob("/etc/postgresql/*/main"))[-1:]:
        version = folder.split("/")[-2]
        output_of(["pg_ctlcluster", "--skip-systemctl-redirect", version, "main", "start"])
    subprocess.run(
        ["runuser", "-u", "postgres", "--", "createuser", "--superuser", "root"],  # noqa: S607
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
