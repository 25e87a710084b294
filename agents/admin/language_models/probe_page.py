"""The button that asks a model's server what it understands."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from agents import build
from agents.admin.base import require
from agents.admin.site import site
from agents.models import LanguageModel
from agents.runtime.errors import RunError
from config.db import in_db

PROBED = "The server was asked: below each field stands what it understands."


@never_cache
async def probe_it(request: HttpRequest, model_id: int) -> HttpResponse:
    """Async, as a slow server takes a minute for all of it: a sync view would hold up every other page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = await in_db(_asked, request, model_id)
    if isinstance(asked, HttpResponse):
        return asked
    level, text = messages.SUCCESS, PROBED
    try:
        await build.probing.probe_model(asked)
    except RunError as error:
        level, text = messages.ERROR, f"Nothing was found out. {error.detail}"
    return await in_db(_back, request, asked, level, text)


def _asked(request: HttpRequest, model_id: int) -> HttpResponse | LanguageModel:
    if not site.has_permission(request):
        return site.login(request)
    require(request, "agents.change_languagemodel")
    return get_object_or_404(LanguageModel, pk=model_id)


def _back(request: HttpRequest, model: LanguageModel, level: int, text: str) -> HttpResponse:
    messages.add_message(request, level, text)
    return redirect("admin:agents_languagemodel_change", model.pk)
