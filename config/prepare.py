"""What must be in place before the server answers: schema, static files, demo content. Fast when nothing is new."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def prepare() -> None:
    """Bring the data folder up to this version of the code. Running it again changes nothing."""
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    if _migrations_left():
        print("Preparing the database …", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        _collect_static()
    call_command("load_demo")
    connection.close()


def _migrations_left() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _collect_static() -> None:
    """Hash and compress static files, only when one of them has changed."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    state = _state_of_static()
    if stamp.exists() and stamp.read_text() == state:
        return
    print("Preparing static files …", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)


def _state_of_static() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
