"""Secrets that are made on first use by whichever process comes first."""

import os
import secrets
from pathlib import Path


def read_or_make(path: Path) -> str:
    """The secret in `path`, made now (0600) if there is none. Safe when two processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(fresh, path)  # fails if another process was first, and never shows a half-written file
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text()
