"""Texts as vectors whose directions say what they mean: what an embedding model is, and one that remembers."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """A model that embeds. One vector a text, in order; raises `errors.ModelError`."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]: ...


class Connected(Embedder, Protocol):
    """One that holds a connection to its server."""

    async def aclose(self) -> None: ...


class RememberingEmbedder:
    """Asks the model for each text once; `size` bounds how many are kept, the least recently used go first."""

    def __init__(self, embedder: Connected, size: int = 2000) -> None:
        self._embedder = embedder
        self._size = size
        self._known: OrderedDict[str, list[float]] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors = {text: self._known[text] for text in texts if text in self._known}
        if new := list(dict.fromkeys(text for text in texts if text not in vectors)):
            vectors |= zip(new, await self._embedder.embed(new), strict=True)
        for text in vectors:
            self._known[text] = vectors[text]
            self._known.move_to_end(text)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return [vectors[text] for text in texts]

    async def aclose(self) -> None:
        await self._embedder.aclose()
