"""What came of a reply that broke off, or that was left before its end: for the trace and the estimate of its cost."""

from agents.runtime.llm import CallChunk, Choice, FunctionCall, TextChunk


class PartialChoice:
    """One choice so far. `take` runs for every piece."""

    __slots__ = ("_calls", "_reasoning", "_text", "finish_reason")

    def __init__(self) -> None:
        self.finish_reason = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, list[str]] = {}

    @property
    def text(self) -> str:
        return "".join(self._text)

    def take(self, chunk: TextChunk | CallChunk) -> None:
        if isinstance(chunk, TextChunk):
            (self._reasoning if chunk.reasoning else self._text).append(chunk.text)
            self.finish_reason = chunk.finish_reason or self.finish_reason
        elif chunk.name:
            self._calls[chunk.place] = [chunk.name, chunk.arguments]
        elif chunk.place in self._calls:
            self._calls[chunk.place].append(chunk.arguments)

    def so_far(self, finish_reason: str) -> Choice:
        """`finish_reason` is that of one that has none of its own. Its calls have no id: nobody may answer them."""
        calls = tuple(FunctionCall("", name, "".join(arguments)) for name, *arguments in self._calls.values())
        return Choice(self.text, self.finish_reason or finish_reason, "".join(self._reasoning), calls)
