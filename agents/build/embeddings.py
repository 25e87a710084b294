"""The embedding model that the operator chose, and agents whose examples are chosen by it."""

from collections.abc import Callable, Sequence

from django.conf import settings

from agents.build import language_models
from agents.runtime.agents.chosen_examples import Agent, WithChosenExamples
from agents.runtime.embeddings import Embedder
from agents.runtime.llm import LLM
from agents.runtime.prompts import PromptSpec


class ConfiguredEmbedder:
    """EMBEDDING_MODEL, looked for when it is first needed; raises RunError `no_model` where it leads nowhere."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        embedder = await language_models.embedder_for(settings.EMBEDDING_MODEL)
        return await embedder.embed(texts)


def embedder() -> Embedder | None:
    """None where no model is configured: likeness is that of words then."""
    return ConfiguredEmbedder() if settings.EMBEDDING_MODEL else None


def with_chosen_examples(llm: LLM, spec: PromptSpec, make: Callable[[PromptSpec], Agent]) -> Agent:
    """The agent that `make` makes of a prompt, with examples chosen for each question where there are any."""
    return WithChosenExamples(llm, spec, make, embedder()) if spec.examples else make(spec)
