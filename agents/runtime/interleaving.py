"""Several generators of events at once: what each gives is handed on as it comes."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def interleaved(generators: Sequence[AsyncGenerator[T]], *, at_once: int) -> AsyncGenerator[T]:
    """The first failure ends all of them and is raised, after what had come; leaving early ends all of them too."""
    came: asyncio.Queue[T | None] = asyncio.Queue()
    free = asyncio.Semaphore(at_once)

    async def drain(generator: AsyncGenerator[T]) -> None:
        try:
            async with free, aclosing(generator):
                async for item in generator:
                    came.put_nowait(item)
        finally:
            came.put_nowait(None)

    tasks = [asyncio.create_task(drain(generator)) for generator in generators]
    try:
        left = len(tasks)
        while left:
            if (item := await came.get()) is not None:
                yield item
                continue
            left -= 1
            if failed := next((task for task in tasks if _has_failed(task)), None):
                await _end(tasks)
                while not came.empty():
                    if (item := came.get_nowait()) is not None:
                        yield item
                failed.result()
    finally:
        await _end(tasks)


def _has_failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
