"""One call's request, fitted to what is known of its model, and what the server's answer teaches about that."""

from collections.abc import Iterator
from dataclasses import replace

from agents.runtime.errors import ModelError
from agents.runtime.events import Notice
from agents.runtime.llm import LLM, Reply, Request
from agents.runtime.memory.context import Fitted, fit, most_output, room_in
from agents.runtime.tokens import estimated_request
from agents.runtime.tokens.calibration import calibration, key_of, windows
from agents.runtime.tokens.scripts import fewest

OVERFLOW = "context_overflow"
AGAIN_SHARE = 0.9
# A server that read less than this of a prompt has cut it.
READ_SHARE = 0.6
LEAST_SUSPECT = 1000  # tokens: no window is smaller
LEAST_WINDOW = 2048


class Fitting:
    """`request` is what to send, or what can't be: then `notices` raises ModelError `context_overflow`."""

    def __init__(self, llm: LLM, request: Request) -> None:
        self._llm = llm
        self._whole = request
        self._fitted = Fitted(request)
        self._refusal: ModelError | None = None
        self._refitted = False
        window = windows.of(llm)
        if window is not None:
            self._fit_into(self._estimate_of(self._room_in(window)))

    @property
    def request(self) -> Request:
        return self._fitted.request

    def notices(self) -> Iterator[Notice]:
        """Before the call: what was left out."""
        if self._refusal is not None:
            raise self._refusal
        if self._fitted.notice is not None:
            yield self._fitted.notice

    def refit(self, error: ModelError) -> bool:
        """After the server's refusal, once: into nine tenths of what it takes, as far as it said how much that is.

        False where that can't help, as the call failed for another reason or has been fitted anew before.
        """
        if error.code != OVERFLOW or self._refusal is not None or self._refitted:
            return False
        self._refitted = True
        self._fit_into(int(self._target(getattr(error, "limit", None), getattr(error, "asked", None)) * AGAIN_SHARE))
        return True

    def learn(self, reply: Reply) -> Iterator[Notice]:
        """Compare the server's count of the prompt with ours; says so when it read much less than was sent."""
        reported = reply.usage.input
        if reply.usage.estimated or reported <= 0 or reply.model != self._llm.name or self.request.n > 1:
            return
        estimated = estimated_request(self.request)
        expected = estimated * calibration.factor(key_of(self._llm))
        if expected >= LEAST_SUSPECT and reported < expected * READ_SHARE and reported < self._least():
            windows.lower(self._llm, max(reported, LEAST_WINDOW))
            yield Notice(
                "prompt_truncated_by_server",
                f"The model's server read only {reported:,} of about {round(expected):,} tokens: the beginning of this "
                "chat may be missing from what the model knew.",
            )
        else:
            windows.took(self._llm, reported)
            calibration.learn(key_of(self._llm), estimated=estimated, reported=reported)

    def _fit_into(self, room: int) -> None:
        try:
            self._fitted = fit(self._whole, room)
        except ModelError as refusal:
            self._refusal = refusal

    def _target(self, limit: int | None, asked: int | None) -> int:
        """The estimated tokens that should go through. `limit` and `asked` are real ones, from the server's words."""
        sent = estimated_request(self.request)
        if not limit:
            return sent
        windows.correct(self._llm, limit)
        room = self._room_in(limit)
        return min(sent, sent * room // asked if asked else self._estimate_of(room))

    def _room_in(self, window: int) -> int:
        """The real tokens that the prompt may have, beside an answer that leaves it half of the window."""
        self._whole = replace(self._whole, max_tokens=most_output(window, self._whole.max_tokens))
        return room_in(window, self._whole.max_tokens or 0)

    def _estimate_of(self, tokens: int) -> int:
        """Real tokens as our estimate counts them."""
        return int(tokens / calibration.factor(key_of(self._llm)))

    def _least(self) -> int:
        return sum(fewest(message.content) for message in self.request.messages)
