"""What the servers' own counts taught about a model: how far its estimates are off, and how much it really takes in.

Kept in this process, by the model's name: a restart learns it again within a few calls.
"""

from agents.runtime.llm import LLM

WEIGHT = 0.3  # of the newest call in the moving average
LEAST, MOST = 0.5, 2.0
# In a short prompt the chat format outweighs the text, whose ratio is what counts.
LEAST_PROMPT = 200


class Calibration:
    """Real tokens for each estimated one, a moving average per model, within 0.5 and 2."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}

    def factor(self, model: str) -> float:
        return self._factors.get(model, 1.0)

    def learn(self, model: str, *, estimated: int, reported: int) -> None:
        """`reported` are the prompt's tokens as the server counted them."""
        if estimated < LEAST_PROMPT or reported <= 0:
            return
        ratio = min(max(reported / estimated, LEAST), MOST)
        known = self._factors.get(model)
        self._factors[model] = ratio if known is None else known + WEIGHT * (ratio - known)

    def forget(self) -> None:
        self._factors.clear()


class Windows:
    """How many tokens a model takes in: as configured, unless its server showed otherwise."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, llm: LLM) -> int | None:
        """None where nobody knows."""
        return self._known.get(llm.name, llm.context_window)

    def correct(self, llm: LLM, tokens: int) -> None:
        """The server said so."""
        self._known[llm.name] = tokens

    def lower(self, llm: LLM, tokens: int) -> None:
        """The server behaved as if it took in no more than this."""
        known = self.of(llm)
        if known is None or tokens < known:
            self._known[llm.name] = tokens

    def took(self, llm: LLM, tokens: int) -> None:
        """A prompt of this size went through whole: less than that was a wrong guess."""
        known = self._known.get(llm.name)
        if known is not None and tokens > known:
            self._known[llm.name] = tokens

    def forget(self) -> None:
        self._known.clear()


calibration = Calibration()
windows = Windows()
