"""What a run looks like so far: a fold over its events, the same that browsers do in static/js/chat/transcript.js."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Transcript:
    """Steps with their text; `answer` is the text of the steps of that kind."""

    kinds: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def apply(self, event: Mapping[str, Any]) -> None:
        match event["type"]:
            case "step.started":
                self.kinds[event["step"]] = event["kind"]
                self.texts[event["step"]] = ""
            case "text.delta":
                self.texts[event["step"]] += event["text"]
            case "step.finished" if "text" in event:
                self.texts[event["step"]] = event["text"]

    def apply_all(self, events: Iterable[Mapping[str, Any]]) -> "Transcript":
        for event in events:
            self.apply(event)
        return self

    @property
    def answer(self) -> str:
        texts = (self.texts[step] for step, kind in self.kinds.items() if kind == "answer")
        return "\n\n".join(text for text in texts if text)

    @property
    def step_count(self) -> int:
        """Steps that a person would count: the answer itself isn't one."""
        return sum(kind != "answer" for kind in self.kinds.values())
