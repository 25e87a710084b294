"""What a try of a chain was given, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.admin.chains.editor import Editor
from agents.admin.traces import timeline, totals
from agents.models import Trace


@dataclass(frozen=True, slots=True)
class Sample:
    """One input of the chain in the page's form."""

    name: str
    value: str
    required: bool

    @property
    def field(self) -> str:
        return f"sample-{self.name}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`problem` is why it didn't come to an answer; the trace is kept in any case, once something ran."""

    answer: str = ""
    problem: str = ""
    trace: Trace | None = None

    @property
    def timeline(self) -> list[dict]:
        return timeline(self.trace) if self.trace else []

    @property
    def totals(self) -> dict[str, Any]:
        return totals(self.trace) if self.trace else {}


def samples_of(editor: Editor, posted: Mapping[str, str]) -> list[Sample]:
    """A field for each input that the rows declare."""
    inputs = editor.spec.inputs if editor.spec else ()
    needed = {form["name"].value(): bool(form["required"].value()) for form in editor.inputs}
    return [Sample(one.name, posted.get(f"sample-{one.name}", ""), needed.get(one.name, True)) for one in inputs]
