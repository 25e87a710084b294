"""Remembering what was installed, so that the second start has nothing to do."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def facts(folder: Path, **more: Any) -> dict[str, Any]:
    """What makes an environment useless when it changes: its place, its Python; and what it was made from."""
    return {"folder": str(folder), "python": list(sys.version_info[:2]), **more}


def read(stamp: Path) -> dict[str, Any]:
    try:
        known = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def write(stamp: Path, known: dict[str, Any]) -> None:
    stamp.write_text(json.dumps(known))
