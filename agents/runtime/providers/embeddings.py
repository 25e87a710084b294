"""An embedding model at any server that speaks OpenAI's API (POST /embeddings)."""

import math
from collections.abc import Sequence
from typing import Any

import orjson
from openai import AsyncOpenAI, Timeout

from agents.runtime.providers.connection import connect
from agents.runtime.providers.failures import FAILURES, classify

# Somebody waits for the answer, and likeness of words is there instead: a slow server isn't waited for long.
TIMEOUT = Timeout(20, connect=5)
MOST_AT_ONCE = 128  # what small servers take in one request


class OpenAIEmbeddings:
    """An `Embedder`. Asks once: whoever calls can do without."""

    def __init__(self, *, base_url: str, api_key: str, model: str, client: AsyncOpenAI | None = None) -> None:
        self.name = model
        self.client = client or connect(base_url=base_url, api_key=api_key)

    async def aclose(self) -> None:
        await self.client.close()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), MOST_AT_ONCE):
            vectors += await self._batch(list(texts[start : start + MOST_AT_ONCE]))
        return vectors

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        try:
            response = await self.client.embeddings.with_raw_response.create(
                input=texts, model=self.name, encoding_format="float", timeout=TIMEOUT
            )
            return _vectors(orjson.loads(response.content), len(texts))
        except (AttributeError, KeyError, TypeError):
            raise classify(ValueError()) from None
        except FAILURES as error:
            raise classify(error) from error


def _vectors(body: Any, count: int) -> list[list[float]]:
    """In the order of the texts, whatever that of the reply is; ValueError unless they are vectors of one space."""
    items = sorted(body["data"], key=lambda item: item.get("index", 0))
    vectors = [[float(value) for value in item["embedding"]] for item in items]
    if len(vectors) != count or len({len(vector) for vector in vectors}) > 1:
        raise ValueError("not one vector a text")
    if not all(vector and all(map(math.isfinite, vector)) for vector in vectors):
        raise ValueError("not a vector")
    return vectors
