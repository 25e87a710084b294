"""A run seen through OpenAI's chat completions: its answer, its reasoning where asked for, its end."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chat import snapshots
from chat.api.errors import ApiError
from chat.hub import Outbox, hub
from chat.models import Message, Run
from chat.services import runs
from config.db import in_db


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer, or of the reasoning before it."""

    text: str
    reasoning: bool


@dataclass(frozen=True, slots=True)
class End:
    """How it ended. `content` is the stored answer, which a parser may have tidied since its deltas were sent."""

    finish_reason: str
    usage: dict[str, Any]
    content: str


async def follow(run: Run) -> AsyncIterator[Delta | End]:
    """The run's events as they become durable, to its end; raises ApiError when it fails.

    A caller who leaves before the end stops the run: nobody else can see it.
    """
    outbox = Outbox()
    hub.join(run.conversation_id, outbox)
    over = False
    try:
        kinds: dict[int, str] = {}
        async for events in _log_of(run, outbox):
            for event in events:
                if delta := _delta(event, kinds):
                    yield delta
                over = over or _is_last(event)
            if over:
                break
        yield await in_db(_end_of, run)
    finally:
        hub.leave(run.conversation_id, outbox)
        if not over:
            await in_db(runs.request_cancel, user=run.user, run_id=run.pk)


async def _log_of(run: Run, outbox: Outbox) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """The events of each frame, in order and without a gap. A full outbox drops: what is missing stands in the log."""
    seq = 0
    for frame in await in_db(snapshots.frames_after, run.pk, 0):
        seq = frame.seq
        yield orjson.loads(frame.text)["events"]
    while True:
        published = await outbox.next()
        if published.run_id != run.pk:
            continue
        if outbox.dropped or published.seq > seq + 1:
            outbox.dropped = 0
            for frame in await in_db(snapshots.frames_after, run.pk, seq):
                seq = frame.seq
                yield orjson.loads(frame.text)["events"]
        elif published.seq > seq:
            seq = published.seq
            yield published.events


def chunk(run: Run, model: str, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {**_head(run, model, "chat.completion.chunk"), "choices": [choice]}


def usage_chunk(run: Run, model: str, usage: dict[str, Any]) -> dict[str, Any]:
    return {**_head(run, model, "chat.completion.chunk"), "choices": [], "usage": usage}


def completion(run: Run, model: str, reasoning: str, end: End) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": end.content, "refusal": None}
    if reasoning:
        message["reasoning_content"] = reasoning
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": end.finish_reason}
    return {**_head(run, model, "chat.completion"), "choices": [choice], "usage": end.usage}


def _head(run: Run, model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{run.pk.hex}", "object": kind, "created": int(time.time()), "model": model}


def _delta(event: dict[str, Any], kinds: dict[int, str]) -> Delta | None:
    if event["type"] == "step.started":
        kinds[event["step"]] = event["kind"]
        return None
    if event["type"] == "tool.called":
        return Delta(f"\n[{event['tool']}: {event['input']}]\n", reasoning=True)
    if event["type"] == "tool.finished":
        return Delta(f"[→ {event['output']}]\n", reasoning=True)
    if event["type"] != "text.delta":
        return None
    kind = kinds[event["step"]]
    if kind in ("action", "observation"):
        return None
    return Delta(event["text"], reasoning=kind != "answer")


def _is_last(event: dict[str, Any]) -> bool:
    return event["type"] in ("run.finished", "run.failed")


def _end_of(run: Run) -> End:
    run.refresh_from_db()
    if run.state == Run.State.FAILED or run.state == Run.State.INTERRUPTED:
        raise ApiError.of_run(run.error_code, run.error_detail)
    counted = run.summary.get("usage", {})
    tokens = {"prompt_tokens": counted.get("input", 0), "completion_tokens": counted.get("output", 0)}
    last = run.trace.model_calls.last()
    finish_reason = "length" if last is not None and last.finish_reason == "length" else "stop"
    usage = {**tokens, "total_tokens": sum(tokens.values())}
    return End(finish_reason, usage, Message.objects.values_list("content", flat=True).get(pk=run.answer_id))
