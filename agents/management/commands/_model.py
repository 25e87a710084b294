"""The model at hand for a command: the configured server, the running server's local model, or one of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from agents import build
from agents.local_model import supervisor
from agents.local_model.errors import LocalModelError


class NoModel(CommandError):
    """There is no model to be had; the sentence says why."""


@asynccontextmanager
async def model_at_hand() -> AsyncIterator[None]:
    """While this is open `llm_for` finds a model; its connections are closed at the end. Raises NoModel."""
    try:
        if settings.LOCAL_MODEL:
            async with supervisor.borrowed(Path(settings.DATA_DIR), path=settings.LOCAL_MODEL_PATH):
                yield
        else:
            yield
    except LocalModelError as error:
        raise NoModel(str(error)) from error
    finally:
        await build.language_models.close_clients()
        await build.sandboxes.close_sandboxes()
