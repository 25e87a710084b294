"""A try of what staff have typed: one real run, whose trace is kept however it ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agents.build import RuntimeAgent
from agents.models import PromptVersion, Trace
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import AnyEvent, Finished
from agents.services import traces
from agents.services.whole_traces import keep_all, whole_trace
from config.db import in_db


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: `problem` is a sentence where it failed, `took_s` its time on the wall clock."""

    trace: Trace
    events: list[AnyEvent]
    took_s: float
    problem: str = ""

    @property
    def finished(self) -> Finished | None:
        return next((event for event in self.events if isinstance(event, Finished)), None)


async def run(
    make: Callable[[], Awaitable[RuntimeAgent]],
    inputs: Mapping[str, Any],
    *,
    version: PromptVersion | None = None,
    about: Mapping[str, Any],
) -> Tried:
    """Also when the person leaves in the middle of it the trace is kept. `about` says there what was tried."""
    events: list[AnyEvent] = []
    status, problem = "failed", ""
    started = time.monotonic()
    try:
        agent = await make()
        async with aclosing(agent.run(inputs)) as running:
            async for event in running:
                events.append(event)  # noqa: PERF401 - one by one: what came before an error is kept
        status = "succeeded"
    except (RunError, PromptError) as error:
        problem = error.detail
    except ConfigurationError as error:
        problem = str(error)
    except asyncio.CancelledError:
        status = "cancelled"
        raise
    finally:
        took_s = time.monotonic() - started
        # Shielded: a second cancellation must not lose what was paid for.
        trace = await asyncio.shield(in_db(_keep, version, about, events, status, took_s))
    return Tried(trace, events, took_s, problem)


def _keep(
    version: PromptVersion | None, about: Mapping[str, Any], events: list[AnyEvent], status: str, took_s: float
) -> Trace:
    kept = whole_trace(
        kind=Trace.Kind.PLAYGROUND.value,
        prompt_version=version,
        agent={"kind": "playground", **about},
        events=[*events, *traces.cut_off(events, duration_ms=round(took_s * 1000))],
        status=status,
        stop_reason=next((event.stop_reason for event in events if isinstance(event, Finished)), ""),
    )
    keep_all([kept])
    return kept.trace
