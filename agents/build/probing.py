"""Asks a model's server what it understands, and stores what came out."""

from collections.abc import Mapping

from agents.build.model_targets import Target, target_of
from agents.models import LanguageModel
from agents.runtime.providers.lessons import Lesson
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.providers.probe import probe
from agents.runtime.providers.servers import server_at
from agents.services.language_models import keep_lessons
from config.db import in_db

CALL_S = 15.0  # nobody waits longer on a page; a model that is slower leaves a question open


async def probe_model(model: LanguageModel) -> Mapping[str, Lesson]:
    """What its server understands. Raises RunError `no_model`, and ModelError where the server can't be asked."""
    target = await target_of(model.slug)
    llm = _fresh(target)
    try:
        found = await probe(llm)
    finally:
        await llm.aclose()
    lessons = server_at(target.base_url, guarded=not target.is_local).lessons_of(target.model)
    lessons.forget(*found)
    lessons.recall({name: lesson for name, lesson in found.items() if name not in target.said})
    await in_db(keep_lessons, model.pk, found)
    return found


def _fresh(target: Target) -> OpenAICompatible:
    """A client that assumes nothing and shares nothing."""
    return OpenAICompatible(
        base_url=target.base_url,
        api_key=target.api_key,
        model=target.model,
        first_token_s=CALL_S,
        between_tokens_s=CALL_S,
        total_s=CALL_S,
        max_retries=0,
    )
