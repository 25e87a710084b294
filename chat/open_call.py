"""A model call that is under way, and what the trace keeps of it when the run's end cuts it off."""

import time
from dataclasses import dataclass, field

from agents.runtime.events import ModelCalled, ModelCalling
from chat.transcript import Transcript


@dataclass(slots=True)
class OpenCall:
    event: ModelCalling
    since: float = field(default_factory=time.monotonic)

    def cut_off(self, shown: Transcript, *, alone: bool) -> ModelCalled:
        """The call as far as it came, with the step that it wrote, or else the one before.

        `alone` it wrote all that has come since; of several each wrote the step that was its own.
        """
        first = self.event.step
        return self.event.cut_off(
            step=first if first in shown.kinds else max(1, first - 1),
            text="\n".join(text for step, text in shown.texts.items() if step == first or (alone and step > first)),
            duration_ms=int((time.monotonic() - self.since) * 1000),
        )
