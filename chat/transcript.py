"""What a run looks like so far: a fold over its events, as browsers make one in static/js/chat/transcript.js."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(slots=True)
class Transcript:
    """Steps with their text, and what the model calls added up to. `cost` is None until a call had a price."""

    kinds: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    parents: dict[int, int | None] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    model: str | None = None

    def apply(self, event: Mapping[str, Any]) -> None:
        match event["type"]:
            case "step.started":
                self.kinds[event["step"]] = event["kind"]
                self.texts[event["step"]] = ""
                self.parents[event["step"]] = event.get("parent")
                self.open.add(event["step"])
            case "text.delta" if event["step"] in self.texts:
                self.texts[event["step"]] += event["text"]
            case "step.finished" if event["step"] in self.texts:
                self.texts[event["step"]] = event.get("text", self.texts[event["step"]])
                self.open.discard(event["step"])
            case "usage":
                self._add_usage(event)

    def apply_all(self, events: Iterable[Mapping[str, Any]]) -> "Transcript":
        for event in events:
            self.apply(event)
        return self

    @property
    def usage(self) -> dict[str, Any]:
        cost = None if self.cost is None else format(self.cost, "f")
        return {"input": self.input_tokens, "output": self.output_tokens, "cost": cost}

    @property
    def answer(self) -> str:
        texts = (self.texts[step] for step, kind in self.kinds.items() if kind == "answer")
        return "\n\n".join(text for text in texts if text)

    @property
    def step_count(self) -> int:
        """Steps that a person would count: the answer itself isn't one."""
        return sum(kind != "answer" for kind in self.kinds.values())

    def _add_usage(self, event: Mapping[str, Any]) -> None:
        self.model = event["model"]
        self.input_tokens += event["input"]
        self.output_tokens += event["output"]
        if event["cost"] is not None:
            self.cost = (self.cost or Decimal(0)) + Decimal(event["cost"])
