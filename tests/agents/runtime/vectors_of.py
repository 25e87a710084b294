"""Tables of cases, kept as data beside the tests."""

import json
from pathlib import Path
from typing import Any

import pytest


def vectors(name: str) -> list[Any]:
    """The cases of one table as parameters named by their ids."""
    cases = json.loads((Path(__file__).parent / "vectors" / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases]
