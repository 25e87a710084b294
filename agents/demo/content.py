"""What the demo is made of, as files beside this one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.services.prompts.text import from_yaml

HERE = Path(__file__).parent
VERSIONS = ("controversy-1", "controversy-2")
DATASET = "controversy-heldout"
SCORERS = ("numeric:abs=1", "numeric")


def prompt_names() -> list[str]:
    """The prompt files in order; those with a number are versions of one prompt."""
    return sorted(path.stem for path in (HERE / "prompts").glob("*.yaml"))


def agents() -> dict[str, Any]:
    """The tools and agents, as `agents.yaml` describes them."""
    return from_yaml((HERE / "agents.yaml").read_text(encoding="utf-8"))


def prompt_file(name: str) -> dict[str, Any]:
    data: dict[str, Any] = from_yaml((HERE / "prompts" / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


def recording_path(name: str) -> Path:
    return HERE / "recordings" / f"{name}.jsonl"


def cases() -> list[dict[str, Any]]:
    """The held-out texts as case lines."""
    return [
        {"id": row["id"], "inputs": {"text": row["text"]}, "expected": str(row["score"]), "split": "heldout"}
        for row in rows("controversy_heldout")
    ]


def articles() -> list[tuple[str, str]]:
    return [(row["title"], row["text"]) for row in rows("docstore")]


def rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (HERE / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
