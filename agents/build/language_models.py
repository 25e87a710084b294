"""The model that a name leads to, ready to be called. Connections are kept; what servers teach is stored."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from agents.build.model_targets import Target, target_of
from agents.runtime.embeddings import RememberingEmbedder
from agents.runtime.errors import RunError
from agents.runtime.fallbacks import FallbackLLM
from agents.runtime.llm import LLM
from agents.runtime.providers.embeddings import OpenAIEmbeddings
from agents.runtime.providers.lessons import Lesson
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.providers.servers import server_at
from agents.runtime.tokens.calibration import calibration, windows
from agents.services.language_models import keep_lessons
from config.db import in_db

FIRST_TOKEN_S = 180  # a local model reads a prompt of 3,000 tokens for a minute
TOTAL_S = 600
LOCAL_AWAY = "The local model has stopped and is being started again. Try again in a few seconds."

log = logging.getLogger(__name__)
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Target, OpenAICompatible]] = WeakKeyDictionary()
_embedders: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Target, RememberingEmbedder]] = WeakKeyDictionary()
_storing: set[asyncio.Task[None]] = set()


async def llm_for(name: str) -> LLM:
    """The model of that name: `default`, a LanguageModel's slug, or a raw id at the default server.

    Clients are kept for each event loop, so that their connections are reused. Raises RunError `no_model`.
    """
    target = await target_of(name)
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    if target not in clients:
        if target.is_local:  # one that was started again has another port: nobody calls the old one
            for old in [known for known in clients if known.is_local and known.base_url != target.base_url]:
                await clients.pop(old).aclose()
        clients[target] = _client_of(target)
    return clients[target]


async def is_local(name: str) -> bool:
    """Whether the model of that name is the one that we run, with room for one call. Raises RunError `no_model`."""
    return (await target_of(name)).is_local


async def llm_with_fallbacks(name: str, fallbacks: Sequence[str]) -> LLM:
    """The model of that name, with others that answer in its place when it can't, in this order; for one run.

    A name that leads nowhere is passed over as long as another leads somewhere. Raises RunError `no_model`.
    """
    if not fallbacks:
        return await llm_for(name)
    models, refused = [], []
    for each in dict.fromkeys((name, *fallbacks)):
        try:
            models.append(await llm_for(each))
        except RunError as error:
            log.warning("The model %s can't be used: %s", each, error.detail)
            refused.append(error)
    if not models:
        raise refused[0]
    return FallbackLLM(models) if len(models) > 1 else models[0]


def _client_of(target: Target) -> OpenAICompatible:
    # A child of our own that was started again is there at once: nothing holds calls to it off.
    server = server_at(target.base_url, guarded=not target.is_local)
    client = OpenAICompatible(
        base_url=target.base_url,
        api_key=target.api_key,
        model=target.model,
        context_window=target.context_window,
        price=target.price,
        capabilities=target.capabilities,
        server=server,
        first_token_s=FIRST_TOKEN_S,
        total_s=TOTAL_S,
        unreachable=LOCAL_AWAY if target.is_local else "",
    )
    _teach(client, target)
    return client


def _teach(client: OpenAICompatible, target: Target) -> None:
    """Start from what was stored, and store what is learned from now on, where there is a row for it."""
    lessons = client.lessons
    if target.row_id is not None and lessons.follow(window_said=target.context_window, forgotten=target.forgotten):
        windows.forget(client.key)
        calibration.forget(client.key)
    lessons.forget(*target.said)
    lessons.recall(target.lessons)
    if target.row_id is not None:
        row_id = target.row_id
        lessons.on_change = lambda name: _store(row_id, name, lessons.all()[name])


def _store(row_id: int, name: str, lesson: Lesson) -> None:
    """Beside the call that taught it, which doesn't wait for the database."""
    task = asyncio.get_running_loop().create_task(_kept(row_id, {name: lesson}))
    _storing.add(task)
    task.add_done_callback(_storing.discard)


async def _kept(row_id: int, known: Mapping[str, Lesson]) -> None:
    try:
        await in_db(keep_lessons, row_id, known)
    except DatabaseError:
        log.exception("What a model's server taught couldn't be stored")


async def embedder_for(name: str) -> RememberingEmbedder:
    """The embedding model of that name, which is looked for as `llm_for` does. Raises RunError `no_model`."""
    target = await target_of(name)
    embedders = _embedders.setdefault(asyncio.get_running_loop(), {})
    if target not in embedders:
        model = OpenAIEmbeddings(base_url=target.base_url, api_key=target.api_key, model=target.model)
        embedders[target] = RememberingEmbedder(model)
    return embedders[target]


async def close_clients() -> None:
    """Close this loop's connections to model servers, when what they taught is stored."""
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(task for task in list(_storing) if task.get_loop() is loop))
    for client in (*_clients.pop(loop, {}).values(), *_embedders.pop(loop, {}).values()):
        await client.aclose()
