"""How long silence is borne: before the first token, between tokens, and a whole reply in all."""

import asyncio


class Deadline:
    """Silence counts from the last sign of life, and only while we wait for the server; `ends_at` bounds it all."""

    def __init__(self, patience_s: float, *, ends_at: float) -> None:
        self._ends_at = ends_at
        self.extend(patience_s)

    def extend(self, patience_s: float) -> None:
        self._at = min(asyncio.get_running_loop().time() + patience_s, self._ends_at)

    def shorten(self, patience_s: float) -> None:
        """What is still to come isn't worth a longer wait."""
        self._at = min(self._at, asyncio.get_running_loop().time() + patience_s)

    def waiting(self) -> asyncio.Timeout:
        return asyncio.timeout_at(self._at)
