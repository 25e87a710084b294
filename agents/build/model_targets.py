"""Which server and which model there a name leads to."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from weakref import WeakKeyDictionary

from django.conf import settings

from agents.local_model.errors import LocalModelError
from agents.local_model.status import Address
from agents.local_model.supervisor import CONTEXT as LOCAL_CONTEXT
from agents.local_model.supervisor import find_address
from agents.models import LanguageModel, ModelPrice, Provider
from agents.runtime.errors import RunError
from agents.runtime.llm import Capabilities, Price
from agents.runtime.providers.connection import list_models
from agents.runtime.providers.lessons import CAPABILITIES, Lesson
from agents.services.language_models import FORGOTTEN, lessons_from
from config.db import in_db

OPENAI_URL = "https://api.openai.com/v1"
LOCAL_START_S = 20
MODEL_LIST_S = 60  # a server may be given another model while we run
DUMMY_KEY = "none"  # the SDK insists on one; servers without keys ignore it


@dataclass(frozen=True)
class Target:
    """Where a model is served, under which id, at which price."""

    base_url: str
    api_key: str
    model: str
    context_window: int | None = None
    price: Price | None = None
    is_local: bool = False
    capabilities: Capabilities = field(default_factory=Capabilities)
    said: frozenset[str] = frozenset()  # names of the capabilities that staff decided
    row_id: int | None = None
    forgotten: str = ""  # when staff last wanted forgotten what its server taught
    lessons: dict[str, Lesson] = field(default_factory=dict, compare=False)


_first_models: dict[str, tuple[float, str]] = {}
_listing: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def target_of(name: str) -> Target:
    """`default`, a LanguageModel's slug, or a raw id at the default server. Raises RunError `no_model`."""
    row = None if name == "default" else await in_db(_language_model, name)
    if row is not None and row.provider is not None:
        price = await in_db(_price_of, row.name, row.provider)
        target = Target(row.provider.base_url, _key_of(row.provider), row.name, row.context_window, price)
        return _described(target, row)
    server = await _default_server()
    model = (row.name if row is not None else name) if name != "default" else ""
    if server.is_local and model not in ("", server.model):
        # llama.cpp answers to any name: a slip would be recorded as if another model had answered.
        raise RunError(
            "no_model",
            f"There is no model “{model}”: the local server has {server.model} alone. Correct the name, use “default”, "
            "or add the model with its provider in the admin.",
        )
    model = model or server.model or await _first_model(server.base_url, server.api_key)
    window = (row.context_window if row else None) or (LOCAL_CONTEXT if server.is_local else None)
    price = await in_db(_price_of, model, None)
    return _described(Target(server.base_url, server.api_key, model, window, price, server.is_local), row)


def _described(target: Target, row: LanguageModel | None) -> Target:
    """With what its row says of the model's abilities."""
    if row is None:
        return target
    said = {name: row.capabilities[name] for name in CAPABILITIES if row.capabilities.get(name) is not None}
    return replace(
        target,
        capabilities=Capabilities(**said),
        said=frozenset(said),
        row_id=row.pk,
        forgotten=row.capabilities.get(FORGOTTEN, ""),
        lessons={name: lesson for name, lesson in lessons_from(row.capabilities).items() if name not in said},
    )


def _key_of(provider: Provider) -> str:
    if not provider.api_key_variable:
        return DUMMY_KEY
    if provider.api_key_variable not in settings.API_KEYS:
        raise RunError(
            "no_model",
            f"The provider “{provider.name}” needs a key in the environment variable {provider.api_key_variable}, "
            "which isn't set. Set it where the server is started.",
        )
    return settings.API_KEYS[provider.api_key_variable]


@dataclass(frozen=True)
class _Server:
    """Where the default model is; `model` is empty where the server must be asked for its first."""

    base_url: str
    api_key: str
    model: str
    is_local: bool = False


async def _default_server() -> _Server:
    """The server that the operator chose, or the local model."""
    if settings.OPENAI_BASE_URL or settings.OPENAI_API_KEY:
        key = settings.OPENAI_API_KEY or DUMMY_KEY
        return _Server(settings.OPENAI_BASE_URL or OPENAI_URL, key, settings.OPENAI_MODEL)
    if settings.LOCAL_MODEL:
        address = await _local_model()
        return _Server(address.base_url, address.api_key, settings.OPENAI_MODEL or address.model, is_local=True)
    raise RunError(
        "no_model",
        "No model is connected. Start Parley without MODEL=none to use the local one, "
        "or set OPENAI_BASE_URL or OPENAI_API_KEY.",
    )


async def _local_model() -> Address:
    """Where the local model listens. One that is just starting is waited for; a download takes too long for that."""
    try:
        return await find_address(Path(settings.DATA_DIR), wait_s=LOCAL_START_S)
    except LocalModelError as error:
        raise RunError("no_model", str(error), retryable=True) from error


async def _first_model(base_url: str, api_key: str) -> str:
    if base_url == OPENAI_URL:
        raise RunError("no_model", "OPENAI_MODEL isn't set. Set it to the id of the model to use, and start again.")
    lock = _listing.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with lock:  # runs that start together ask once
        asked_at, name = _first_models.get(base_url, (0.0, ""))
        if not name or time.monotonic() - asked_at > MODEL_LIST_S:
            names = await list_models(base_url=base_url, api_key=api_key)
            if not names:
                raise RunError("no_model", "The model server lists no model. Load one there, or set OPENAI_MODEL.")
            name = names[0]
            _first_models[base_url] = (time.monotonic(), name)
    return name


def _language_model(name: str) -> LanguageModel | None:
    return LanguageModel.objects.select_related("provider").filter(slug=name).first()


def _price_of(model: str, provider: Provider | None) -> Price | None:
    """What this provider asks for it; None is the default server's."""
    prices = ModelPrice.objects.filter(model__name=model, model__provider=provider, valid_from__lte=date.today())
    row = prices.order_by("-valid_from").first()
    return None if row is None else Price(input=row.input, output=row.output, cached_input=row.cached_input)
