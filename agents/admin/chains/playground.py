"""Trying a chain as it is typed: one real run with sample inputs, kept as a trace of kind playground."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache

from agents import build
from agents.admin import tries
from agents.admin.base import require
from agents.admin.chains import page
from agents.admin.chains.editor import Editor
from agents.admin.chains.trying import Attempt, samples_of
from agents.admin.site import site
from agents.admin.traces import with_calls
from agents.models import Chain, Trace
from agents.runtime.chains import ChainProblems
from agents.runtime.errors import ConfigurationError
from agents.runtime.limits import Limits
from agents.services.agents import resolve_chain
from config.db import in_db

LIMITS = Limits(timeout_s=300)
MARKED = "Put the marked fields right first."


@never_cache
async def try_it(request: HttpRequest, chain_id: int | None = None) -> HttpResponse:
    """Async, as models may take minutes: a sync view would hold up every other page of the process."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if refusal := await in_db(_refusal, request):
        return refusal
    chain, editor, snapshot, problem = await in_db(_asked, request, chain_id)
    attempt = Attempt(problem=problem) if problem else await run(snapshot, _inputs(request, editor))
    return await in_db(_answer, request, chain, editor, attempt)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if not site.has_permission(request):
        return site.login(request)
    require(request, "agents.change_chain")
    return None


def _asked(request: HttpRequest, chain_id: int | None) -> tuple[Chain, Editor, dict[str, Any], str]:
    """What is typed, looked up as for a run; or why it can't run."""
    chain = page.find(chain_id) if chain_id else Chain()
    editor = Editor(chain, request.POST)
    absent = [one.name for one in samples_of(editor, request.POST) if one.required and not one.value.strip()]
    if not editor.is_valid():
        return chain, editor, {}, MARKED
    typed = Chain(slug=chain.slug or "new", name=editor.settings.cleaned_data["name"], definition=editor.definition())
    try:
        snapshot = resolve_chain(typed)
    except ChainProblems as error:
        editor.show(error)
        return chain, editor, {}, f"This chain can't run yet. {error}"
    except ConfigurationError as error:
        return chain, editor, {}, str(error)
    return chain, editor, snapshot, f"Give a value for {', '.join(absent)} first." if absent else ""


def _inputs(request: HttpRequest, editor: Editor) -> dict[str, str]:
    return {one.name: one.value for one in samples_of(editor, request.POST) if one.value.strip()}


def _answer(request: HttpRequest, chain: Chain, editor: Editor, attempt: Attempt) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "panel":
        return page.panel(request, editor, attempt)
    return page.page(request, chain, editor, attempt=attempt)


async def run(snapshot: Mapping[str, Any], inputs: Mapping[str, str]) -> Attempt:
    tried = await tries.run(
        lambda: build.chain_from(snapshot, LIMITS), inputs, about={"chain": snapshot.get("slug", "")}
    )
    answer = tried.finished.answer if tried.finished else ""
    return Attempt(answer, tried.problem, await in_db(with_calls(Trace.objects).get, pk=tried.trace.pk))
