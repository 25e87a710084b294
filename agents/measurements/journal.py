"""The trials of a measurement, a line each: what is done stays done when the command is run again."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from agents.evals.runner import TrialResult
from agents.measurements.subjects import Subject
from agents.runtime.events import ModelCalled


@dataclass(frozen=True, slots=True)
class Line:
    """One trial. `seconds` is the whole run on the wall clock; tokens and calls are those of all its model calls.

    `made_of` is the digest of what answered, see `subjects.Subject`.
    """

    subject: str
    case: str
    passed: bool
    outcome: str
    extracted: str
    expected: str
    seconds: float
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    stop_reason: str
    model: str
    made_of: str = ""

    def is_of(self, subject: Subject, model: str) -> bool:
        """Whether it was measured with this model, and of the subject as it is now."""
        return (self.subject, self.made_of, self.model) == (subject.name, subject.made_of, model)


def line_of(subject: Subject, result: TrialResult, *, seconds: float, model: str) -> Line:
    return Line(
        subject=subject.name,
        case=str(result.trial.key),
        passed=result.outcome == "passed",
        outcome=result.outcome,
        extracted=result.extracted,
        expected=str(result.trial.expected),
        seconds=round(seconds, 1),
        calls=sum(isinstance(event, ModelCalled) for event in result.events),
        input_tokens=result.usage.input,
        cached_tokens=result.usage.cached,
        output_tokens=result.usage.output,
        stop_reason=result.stop_reason,
        model=model,
        made_of=subject.made_of,
    )


def read(path: Path) -> list[Line]:
    return list(_lines(path)) if path.exists() else []


def _lines(path: Path) -> Iterator[Line]:
    for text in path.read_text(encoding="utf-8").splitlines():
        yield Line(**json.loads(text))


def forget(path: Path, subject: str) -> None:
    """Drop what was measured of it."""
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [text for text in lines if json.loads(text)["subject"] != subject]
        path.write_text("".join(f"{text}\n" for text in kept), encoding="utf-8")


def append(path: Path, line: Line) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
