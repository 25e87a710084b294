"""What a model really answered to the demo's prompts, kept in files and played back as a model of its own."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from agents.runtime.errors import ModelError
from agents.runtime.llm import AnyChunk, Capabilities, Price, Reply, Request, TextChunk, Usage


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer. `request` is the hash of what was asked."""

    case: str
    request: str
    output: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    first_token_ms: int | None
    duration_ms: int

    def reply(self, model: str) -> Reply:
        return Reply(
            text=self.output,
            finish_reason=self.finish_reason,
            usage=Usage(self.input_tokens, self.output_tokens),
            model=model,
            first_token_s=None if self.first_token_ms is None else self.first_token_ms / 1000,
            duration_s=self.duration_ms / 1000,
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """All answers to one version, with the model that gave them and the day."""

    model: str
    recorded_at: date
    answers: tuple[Recorded, ...]


class RecordedLLM:
    """Answers what was asked when the recording was made; anything else is an error."""

    context_window: int | None = None
    price: Price | None = None
    capabilities = Capabilities()

    def __init__(self, recording: Recording) -> None:
        self.name = recording.model
        self._answers = {answer.request: answer for answer in recording.answers}

    async def stream(self, request: Request) -> AsyncIterator[AnyChunk]:
        answer = self._answers.get(hash_of(request.to_json()))
        if answer is None:
            raise ModelError(
                "not_found", "No answer to this request was recorded. Run the evaluation afresh, or record_demo again."
            )
        yield TextChunk(answer.output)
        yield answer.reply(self.name)


def hash_of(request: dict[str, Any]) -> str:
    """SHA-256 of a request as a trace keeps it, in its written order."""
    return hashlib.sha256(json.dumps(request, ensure_ascii=False).encode()).hexdigest()


def read(path: Path) -> Recording:
    head, *lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    answers = tuple(Recorded(**line) for line in lines)
    return Recording(head["model"], date.fromisoformat(head["recorded_at"]), answers)


def write(path: Path, recording: Recording) -> None:
    head = {"model": recording.model, "recorded_at": recording.recorded_at.isoformat()}
    path.write_text(to_lines([head, *map(asdict, recording.answers)]), encoding="utf-8")


def to_lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
