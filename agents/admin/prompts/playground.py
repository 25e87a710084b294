"""Trying a prompt: one real model call with sample inputs, kept as a trace of kind playground."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from agents import build
from agents.admin import tries
from agents.admin.prompts import version_page
from agents.admin.prompts.editor import Editor
from agents.admin.prompts.preview import Preview, preview_of
from agents.admin.site import site
from agents.admin.tries import Tried
from agents.models import PromptVersion
from agents.runtime.answers import extract
from agents.runtime.events import ModelCalled
from agents.runtime.limits import Limits
from agents.runtime.prompts import PromptSpec
from config.db import in_db

LIMITS = Limits(timeout_s=300)


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
    async def prompt_alone() -> build.RuntimeAgent:
        return build.agent_of_prompt(spec, await build.language_models.llm_for(model), LIMITS)

    return _attempt(await tries.run(prompt_alone, inputs, version=version, about={"model": model}), spec)


def _attempt(tried: Tried, spec: PromptSpec) -> Attempt:
    calls = [event for event in tried.events if isinstance(event, ModelCalled)]
    costs = [call.cost for call in calls if call.cost is not None]
    finished = tried.finished
    output = finished.answer if finished else ""
    return Attempt(
        trace_id=tried.trace.pk,
        output=output or (calls[-1].response if calls else ""),
        extracted=((finished and finished.extraction) or extract(output, spec.output)).value if output else None,
        model=calls[-1].model if calls else "",
        input_tokens=sum(call.usage.input for call in calls),
        output_tokens=sum(call.usage.output for call in calls),
        duration_ms=round(tried.took_s * 1000),
        first_token_ms=calls[0].first_token_ms if calls else None,
        cost=sum(costs) if costs else None,
        problem=tried.problem,
    )
