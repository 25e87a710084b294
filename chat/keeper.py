"""The server's keeper: leases renewed, queued runs found, runs of dead processes ended, Stop heard from elsewhere."""

import asyncio
import logging

from chat.executor import Executor
from chat.hub import Hub
from chat.models import Run
from chat.services import runs as services
from config.db import in_db

logger = logging.getLogger(__name__)

LOOK_S = 1.0  # how long a run that a command left behind may wait
RENEW_EVERY = 3  # looks between two renewals: a lease lives 10 s


async def keep(executor: Executor, hub: Hub, stopping: asyncio.Event) -> None:
    """A task of the server, until it stops."""
    look = 0
    while not stopping.is_set():
        try:
            await _look(executor, hub, renew=look % RENEW_EVERY == 0)
        except Exception:
            logger.exception("The keeper's look failed; it looks again in %s s", LOOK_S)
        look += 1
        try:
            await asyncio.wait_for(stopping.wait(), LOOK_S)
        except TimeoutError:
            continue


async def _look(executor: Executor, hub: Hub, *, renew: bool) -> None:
    if renew:
        for run_id in await in_db(services.renew_leases, executor.held):
            executor.cancel(run_id)
        await _take_care_of_abandoned(hub)
    for run_id in await in_db(
        lambda: list(Run.objects.queued().order_by("created_at").values_list("pk", flat=True)[:100])
    ):
        executor.start(run_id)


async def _take_care_of_abandoned(hub: Hub) -> None:
    for run_id in await in_db(lambda: list(Run.objects.abandoned().values_list("pk", flat=True)[:100])):
        try:
            frame = await in_db(services.take_care_of_abandoned, run_id)
        except Exception:
            logger.exception("Run %s was abandoned and can't be ended", run_id)
            continue
        if frame is not None:
            hub.publish(frame)
