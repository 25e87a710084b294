"""The one bridge from async code to the ORM."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")


async def in_db(work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a whole unit of work on a thread of its own, beside others, and give its connection back."""
    return await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
