"""Choosing examples by what they mean, where an embedding model is at hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.runtime.embeddings import Embedder
from agents.runtime.llm import Message
from agents.runtime.prompts.rendering import selected
from agents.runtime.prompts.selection import BY_LIKENESS, Selected, text_of
from agents.runtime.prompts.similarity import by_vectors
from agents.runtime.prompts.spec import PromptSpec


async def select_examples(
    spec: PromptSpec,
    inputs: Mapping[str, Any],
    embedder: Embedder | None = None,
    *,
    history: Sequence[Message] | None = None,
    provided: Mapping[str, Any] | None = None,
) -> Selected:
    """The examples to `render` with. Without an embedder likeness is that of words; raises `errors.ModelError`."""
    likeness = None
    if embedder is not None and spec.examples and spec.example_template.select.by in BY_LIKENESS:
        texts = [text_of(values) or " " for values in (*(example.inputs for example in spec.examples), inputs)]
        *vectors, asked = await embedder.embed(texts)
        likeness = by_vectors(vectors, asked)
    return selected(spec, inputs, history=history, provided=provided, likeness=likeness)
