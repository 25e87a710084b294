"""What came of a reply that broke off, or that was left before its end: for the trace and the estimate of its cost."""

from agents.runtime.llm import CallChunk, Choice, FunctionCall, TextChunk


class PartialChoice:
    """One choice so far. `take` runs for every piece."""

    __slots__ = ("_calls", "_reasoning", "_text")

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, list[str]] = {}

    @property
    def text(self) -> str:
        return "".join(self._text)

    def take(self, chunk: TextChunk | CallChunk) -> None:
        if isinstance(chunk, TextChunk):
            (self._reasoning if chunk.reasoning else self._text).append(chunk.text)
        elif chunk.name:
            self._calls[chunk.place] = [chunk.name, chunk.arguments]
        elif chunk.place in self._calls:
            self._calls[chunk.place].append(chunk.arguments)

    def so_far(self, finish_reason: str) -> Choice:
        """Its calls have no id: nobody may answer them."""
        calls = tuple(FunctionCall("", name, "".join(arguments)) for name, *arguments in self._calls.values())
        return Choice(self.text, finish_reason, "".join(self._reasoning), calls)
