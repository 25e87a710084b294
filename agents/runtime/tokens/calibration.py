"""What the servers' own counts taught about a model: how far its estimates are off, and how much it really takes in.

Kept in this process, by server and model: a restart learns it again within a few calls.
"""

from dataclasses import dataclass

from agents.runtime.llm import LLM

WEIGHT = 0.3  # of the newest call in the moving average
LEAST, MOST = 0.5, 2.0
# In a short prompt the chat format outweighs the text, whose ratio is what counts.
LEAST_PROMPT = 200


def key_of(llm: LLM) -> str:
    """What tells a model from one of the same name at another server; its name where it has nothing better."""
    return str(getattr(llm, "key", llm.name))


class Calibration:
    """Real tokens for each estimated one, a moving average per model, within 0.5 and 2."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}

    def factor(self, key: str) -> float:
        return self._factors.get(key, 1.0)

    def learn(self, key: str, *, estimated: int, reported: int) -> None:
        """`reported` are the prompt's tokens as the server counted them."""
        if estimated < LEAST_PROMPT or reported <= 0:
            return
        ratio = min(max(reported / estimated, LEAST), MOST)
        known = self._factors.get(key)
        self._factors[key] = ratio if known is None else known + WEIGHT * (ratio - known)

    def forget(self, key: str | None = None) -> None:
        """What is known of one model, or of all."""
        self._factors = {} if key is None else {name: ratio for name, ratio in self._factors.items() if name != key}


@dataclass(frozen=True, slots=True)
class _Learned:
    """A window that a server showed, while `configured` was what was known beside that."""

    tokens: int
    configured: int | None


class Windows:
    """How many tokens a model takes in: as configured, or less where its server showed that.

    Another configured value makes what was learned before it void: whoever set it knows better.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Learned] = {}

    def of(self, llm: LLM) -> int | None:
        """None where nobody knows."""
        known = (llm.context_window, self._learned(llm))
        return min((tokens for tokens in known if tokens is not None), default=None)

    def correct(self, llm: LLM, tokens: int) -> None:
        """The server said so."""
        self._known[key_of(llm)] = _Learned(tokens, llm.context_window)

    def lower(self, llm: LLM, tokens: int) -> None:
        """The server behaved as if it took in no more than this."""
        known = self.of(llm)
        if known is None or tokens < known:
            self.correct(llm, tokens)

    def took(self, llm: LLM, tokens: int) -> None:
        """A prompt of this size went through whole: less than that was a wrong guess."""
        known = self._learned(llm)
        if known is not None and tokens > known:
            self.correct(llm, tokens)

    def forget(self, key: str | None = None) -> None:
        """What is known of one model, or of all."""
        self._known = {} if key is None else {name: known for name, known in self._known.items() if name != key}

    def _learned(self, llm: LLM) -> int | None:
        known = self._known.get(key_of(llm))
        return known.tokens if known is not None and known.configured == llm.context_window else None


calibration = Calibration()
windows = Windows()
