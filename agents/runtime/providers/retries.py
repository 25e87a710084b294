"""Whether, when and how a failed call is made again: the only layer that retries, the SDK's is off (agents.md F.3)."""

import random
from dataclasses import dataclass

from agents.runtime.errors import ModelError
from agents.runtime.providers.assembly import Assembly

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
LONGEST_RETRY_AFTER_S = 60.0
ONCE = frozenset({"timeout", "protocol"})


@dataclass(slots=True)
class Attempts:
    """The attempts of one call: at most `most` retries, none after `ends_at`, a time of the event loop."""

    most: int
    ends_at: float
    streaming: bool
    retries: int = 0

    def after(self, failed: ModelError, assembly: Assembly, now: float) -> float | None:
        """Seconds until the next attempt, or None: what was shown can't be shown again.

        A kept connection that the server has just closed fails like one that can't be reached, and what gave an empty
        stream is asked for a whole reply: neither needs a wait.
        """
        if assembly.shown or not self._may_retry(failed):
            return None
        is_empty = failed.code == "protocol" and self.streaming and assembly.is_empty
        at_once = is_empty or (failed.code == "unreachable" and not self.retries)
        self.retries += 1
        self.streaming = self.streaming and not is_empty
        wait_s = 0.0 if at_once else self._wait_s(failed)
        return wait_s if now + wait_s < self.ends_at else None

    def _may_retry(self, failed: ModelError) -> bool:
        """What asks for more patience than people have is not tried again."""
        allowed = min(1, self.most) if failed.code in ONCE else self.most
        patient = (failed.retry_after_s or 0) <= LONGEST_RETRY_AFTER_S
        return failed.retryable and patient and self.retries < allowed

    def _wait_s(self, failed: ModelError) -> float:
        """What the server asked for, else full jitter: callers that failed together must not come back together.

        A server that asks for no wait at all is given one all the same.
        """
        if failed.retry_after_s:
            return failed.retry_after_s
        return random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (self.retries - 1)))  # noqa: S311
