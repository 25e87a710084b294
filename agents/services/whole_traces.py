"""Traces of what nobody follows while it goes on: written whole, many together, so that none is ever left open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.models import ModelCall, PromptVersion, Step, ToolCall, Trace
from agents.runtime.events import (
    AnyEvent,
    ModelCalled,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCalled,
    ToolFinished,
)
from agents.services.traces import model_call_of


@dataclass(frozen=True, slots=True)
class WholeTrace:
    """The rows of one trace, not written yet."""

    trace: Trace
    steps: Sequence[Step]
    model_calls: Sequence[ModelCall]
    tool_calls: Sequence[ToolCall]


def whole_trace(
    *,
    kind: str,
    prompt_version: PromptVersion | None,
    agent: dict[str, Any],
    events: Sequence[AnyEvent],
    status: str,
    stop_reason: str = "",
) -> WholeTrace:
    trace = Trace(kind=kind, prompt_version=prompt_version, agent=agent, status=status, stop_reason=stop_reason)
    trace.finished_at = timezone.now()
    calls = [model_call_of(trace.pk, event) for event in events if isinstance(event, ModelCalled)]
    return WholeTrace(trace, _steps(trace, events), calls, _tool_calls(trace, events))


@transaction.atomic
def keep_all(traces: Iterable[WholeTrace]) -> None:
    """Write them in a handful of statements, however many they are: SQLite's only writer must not be held for long."""
    whole = list(traces)
    Trace.objects.bulk_create([one.trace for one in whole])
    Step.objects.bulk_create([step for one in whole for step in one.steps])
    ModelCall.objects.bulk_create([call for one in whole for call in one.model_calls])
    ToolCall.objects.bulk_create([call for one in whole for call in one.tool_calls])


def _steps(trace: Trace, events: Iterable[AnyEvent]) -> list[Step]:
    """Those that the events leave open are closed with their trace; how long they took nobody knows."""
    steps: dict[int, Step] = {}
    for event in events:
        match event:
            case StepStarted():
                steps[event.step] = Step(trace=trace, number=event.step, kind=event.kind, parent=event.parent, ms=0)
            case TextDelta():
                steps[event.step].text += event.text
            case StepFinished():
                steps[event.step].ms = event.ms
                steps[event.step].text = steps[event.step].text if event.text is None else event.text
    return list(steps.values())


def _tool_calls(trace: Trace, events: Iterable[AnyEvent]) -> list[ToolCall]:
    calls: dict[str, ToolCall] = {}
    for event in events:
        match event:
            case ToolCalled():
                calls[event.call] = ToolCall(
                    trace=trace, step=event.step, call=event.call, tool=event.tool, input=event.input
                )
            case ToolFinished():
                call = calls[event.call]
                call.output, call.error, call.ms = event.output, event.error or "", event.ms
    return list(calls.values())
