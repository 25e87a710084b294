"""Traces of runs, written while they go on. Those of trials and tries are written whole: whole_traces.py."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.models import ModelCall, PromptVersion, Step, ToolCall, Trace
from agents.runtime.events import (
    AnyEvent,
    ModelCalled,
    ModelCalling,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCalled,
    ToolFinished,
)


def open_trace(*, kind: str, prompt_version: PromptVersion | None, agent: dict[str, Any] | None = None) -> Trace:
    return Trace.objects.create(kind=kind, prompt_version=prompt_version, agent=agent or {})


@transaction.atomic
def record(trace_id: UUID, events: Iterable[AnyEvent], *, texts: Mapping[int, str]) -> None:
    """Write the rows that these events stand for. Events of one trace arrive in order, in any number of calls.

    A step's text is written once, when it ends, from `texts` (step → text so far).
    """
    for event in events:
        match event:
            case StepStarted():
                Step.objects.create(trace_id=trace_id, number=event.step, kind=event.kind, parent=event.parent)
            case StepFinished():
                text = texts.get(event.step, "") if event.text is None else event.text
                Step.objects.filter(trace_id=trace_id, number=event.step).update(ms=event.ms, text=text)
            case ToolCalled():
                ToolCall.objects.create(
                    trace_id=trace_id, step=event.step, call=event.call, tool=event.tool, input=event.input
                )
            case ToolFinished():
                ToolCall.objects.filter(trace_id=trace_id, call=event.call).update(
                    output=event.output, error=event.error or "", ms=event.ms
                )
            case ModelCalled():
                model_call_of(trace_id, event).save(force_insert=True)


def close_trace(trace_id: UUID, *, status: str, stop_reason: str = "", texts: Mapping[int, str]) -> None:
    """End a trace. Steps that are still open are closed with it, with the text they have in `texts`."""
    for step in Step.objects.filter(trace_id=trace_id, ms=None):
        Step.objects.filter(pk=step.pk).update(ms=0, text=texts.get(step.number, ""))
    Trace.objects.filter(pk=trace_id).update(status=status, stop_reason=stop_reason, finished_at=timezone.now())


def cut_off(events: Iterable[AnyEvent], *, duration_ms: int) -> list[ModelCalled]:
    """The model calls in the middle of which these events end, as far as they came."""
    calling: dict[int, ModelCalling] = {}
    texts: dict[int, str] = {}
    for event in events:
        match event:
            case ModelCalling():
                calling[event.call] = event
            case ModelCalled():
                calling.pop(event.call, None)
            case TextDelta():
                texts[event.step] = texts.get(event.step, "") + event.text
    return [_unended(call, texts, alone=len(calling) == 1, duration_ms=duration_ms) for call in calling.values()]


def _unended(call: ModelCalling, texts: Mapping[int, str], *, alone: bool, duration_ms: int) -> ModelCalled:
    """Alone it wrote all that has come since; of several each wrote the step that was its own."""
    written = [text for step, text in texts.items() if step == call.step or (alone and step > call.step)]
    return call.cut_off(step=call.step, text="\n".join(written), duration_ms=duration_ms)


def model_call_of(trace_id: UUID, event: ModelCalled) -> ModelCall:
    """The row, not written yet."""
    return ModelCall(
        trace_id=trace_id,
        step=event.step,
        model=event.model,
        request=event.request,
        response=event.response,
        reasoning=event.reasoning,
        input_tokens=event.usage.input,
        output_tokens=event.usage.output,
        cached_tokens=event.usage.cached,
        reasoning_tokens=event.usage.reasoning,
        estimated=event.usage.estimated,
        cost=event.cost,
        finish_reason=event.finish_reason,
        first_token_ms=event.first_token_ms,
        duration_ms=event.duration_ms,
        retries=event.retries,
        error=event.error or "",
        error_detail=event.error_detail,
        outcome=event.outcome,
        flags=list(event.flags),
        calls=[asdict(call) for call in event.calls],
        choices=[asdict(choice) for choice in event.choices],
    )
