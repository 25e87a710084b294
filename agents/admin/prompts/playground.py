"""Trying a prompt: one real model call with sample inputs, kept as a trace of kind playground."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from agents import build
from agents.admin.prompts import version_page
from agents.admin.prompts.editor import Editor
from agents.admin.prompts.preview import Preview, preview_of
from agents.admin.site import site
from agents.models import PromptVersion, Trace
from agents.runtime.agents.conversation import Conversation
from agents.runtime.answers import extract
from agents.runtime.errors import ConfigurationError, PromptError, RunError
from agents.runtime.events import AnyEvent, Finished, ModelCalled
from agents.runtime.limits import Limits
from agents.runtime.prompts import PromptSpec
from agents.services import traces
from agents.services.whole_traces import keep_all, whole_trace
from config.db import in_db

LIMITS = Limits(max_steps=1, timeout_s=300)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try."""

    trace_id: UUID
    output: str = ""
    extracted: str | None = None
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    duration_ms: int = 0
    first_token_ms: int | None = None
    cost: Decimal | None = None
    problem: str = ""


@never_cache
async def try_it(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    """Async, as a model may take minutes: a sync view would hold up every other page of the process."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if refusal := await in_db(_refusal, request):
        return refusal
    version, editor, preview = await in_db(_asked, request, prompt_id, number)
    attempt = None
    if preview.spec is not None and preview.is_complete and not preview.problem:
        model = editor.settings.cleaned_data["model"] if editor else version.model
        attempt = await run(version, preview.spec, dict(preview.inputs), model)
    return await in_db(_answer, request, version, editor, preview, attempt)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if not site.has_permission(request):
        return site.login(request)
    version_page.require(request, "agents.change_prompt")
    return None


def _asked(request: HttpRequest, prompt_id: int, number: int) -> tuple[PromptVersion, Editor | None, Preview]:
    version = version_page.find(prompt_id, number)
    if version.is_published:
        return version, None, _complete(preview_of(version, request.POST))
    editor = Editor(version, request.POST)
    if not editor.is_valid():
        return version, editor, Preview(problem="Put the marked fields right first.")
    return version, editor, _complete(preview_of(version, request.POST, data=editor.file()))


def _complete(preview: Preview) -> Preview:
    if preview.problem or preview.is_complete:
        return preview
    names = ", ".join(sample.name for sample in preview.samples if not sample.value)
    return Preview(preview.samples, preview.messages, f"Give a value for {names} first.", preview.spec, preview.inputs)


def _answer(request, version, editor, preview, attempt) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "panel":
        return version_page.panel(request, version, preview, attempt)
    return version_page.page(request, version, editor=editor, preview=preview, attempt=attempt)


async def run(version: PromptVersion, spec: PromptSpec, inputs: dict, model: str) -> Attempt:
    """One call of the model. Its trace is kept however it ends, also when the person leaves in the middle of it."""
    events: list[AnyEvent] = []
    status, problem = "failed", ""
    started = time.monotonic()
    try:
        conversation = Conversation(await build.language_models.llm_for(model), spec, LIMITS)
        async with aclosing(conversation.run(inputs)) as running:
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
        # Shielded: a second cancellation must not lose what was paid for.
        trace = await asyncio.shield(in_db(_keep, version, model, events, status, time.monotonic() - started))
    return _attempt(trace.pk, events, spec, problem)


def _keep(version: PromptVersion, model: str, events: list[AnyEvent], status: str, took_s: float) -> Trace:
    unended = traces.cut_off(events, duration_ms=round(took_s * 1000))
    kept = whole_trace(
        kind=Trace.Kind.PLAYGROUND.value,
        prompt_version=version,
        agent={"kind": "playground", "model": model},
        events=[*events, *unended],
        status=status,
        stop_reason=_reason(events),
    )
    keep_all([kept])
    return kept.trace


def _reason(events: list[AnyEvent]) -> str:
    return next((event.stop_reason for event in events if isinstance(event, Finished)), "")


def _attempt(trace_id: UUID, events: list[AnyEvent], spec: PromptSpec, problem: str) -> Attempt:
    calls = [event for event in events if isinstance(event, ModelCalled)]
    output = next((event.answer for event in events if isinstance(event, Finished)), "")
    costs = [call.cost for call in calls if call.cost is not None]
    return Attempt(
        trace_id=trace_id,
        output=output or (calls[-1].response if calls else ""),
        extracted=extract(output, spec.output).value if output else None,
        model=calls[-1].model if calls else "",
        input_tokens=sum(call.usage.input for call in calls),
        output_tokens=sum(call.usage.output for call in calls),
        duration_ms=sum(call.duration_ms for call in calls),
        first_token_ms=calls[0].first_token_ms if calls else None,
        cost=sum(costs) if costs else None,
        problem=problem,
    )
