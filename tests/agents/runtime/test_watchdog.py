"""A deadline over many waits."""

import asyncio

import pytest

from agents.runtime.watchdog import Watchdog


def soon(seconds):
    return asyncio.get_running_loop().time() + seconds


async def test_a_wait_ends_at_the_deadline():
    watchdog = Watchdog(soon(0.01))
    with pytest.raises(TimeoutError):
        await watchdog.wait(asyncio.sleep(60))
    assert asyncio.current_task().cancelling() == 0


async def test_every_wait_after_the_deadline_ends_at_once():
    watchdog = Watchdog(soon(-1))
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await watchdog.wait(asyncio.sleep(60))


async def test_time_between_waits_counts():
    watchdog = Watchdog(soon(0.02))
    assert await watchdog.wait(asyncio.sleep(0, "a")) == "a"
    await asyncio.sleep(0.03)
    with pytest.raises(TimeoutError):
        await watchdog.wait(asyncio.sleep(60))


async def test_a_deadline_that_moves_is_waited_for_anew():
    watchdog = Watchdog(soon(0.01))
    waiting = asyncio.create_task(watchdog.wait(asyncio.sleep(0.05, "done")))
    await asyncio.sleep(0)
    watchdog.deadline = soon(10)
    assert await waiting == "done"
    watchdog.close()


async def test_a_cancellation_from_outside_stays_one():
    watchdog = Watchdog(soon(10))
    waiting = asyncio.create_task(watchdog.wait(asyncio.sleep(60)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    watchdog.close()


async def test_no_deadline_is_for_ever_and_a_closed_one_rings_no_more():
    endless = Watchdog(None)
    assert await endless.wait(asyncio.sleep(0, "a")) == "a"
    watchdog = Watchdog(soon(0.01))
    await watchdog.wait(asyncio.sleep(0))
    watchdog.close()
    await asyncio.sleep(0.02)
    assert asyncio.current_task().cancelling() == 0
