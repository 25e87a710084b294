"""A model call that is under way, and what the trace keeps of it when the run's end cuts it off."""

import time
from dataclasses import dataclass, field

from agents.runtime.events import ModelCalled, ModelCalling
from agents.runtime.llm import Usage
from agents.runtime.tokens import estimated
from chat.transcript import Transcript


@dataclass(slots=True)
class OpenCall:
    event: ModelCalling
    since: float = field(default_factory=time.monotonic)

    def cut_off(self, shown: Transcript) -> ModelCalled:
        """The call as far as it came. A server reports no usage of a stream that was left, so it is estimated."""
        first = self.event.step
        text = "\n".join(text for step, text in shown.texts.items() if step >= first)
        asked = sum(estimated(message["content"]) for message in self.event.request["messages"])
        return ModelCalled(
            step=first if first in shown.kinds else max(1, first - 1),
            model=self.event.model,
            request=self.event.request,
            response=text,
            reasoning="",
            usage=Usage(input=asked, output=estimated(text), estimated=True),
            cost=None,
            finish_reason="",
            first_token_ms=None,
            duration_ms=int((time.monotonic() - self.since) * 1000),
            retries=0,
            error="cancelled",
        )
