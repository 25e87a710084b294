"""The button that makes Parley forget what a model's server taught."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from agents.admin.base import require
from agents.models import LanguageModel
from agents.services.language_models import forget_lessons

FORGOTTEN = "What the server taught is forgotten, and found out anew."


@require_POST
def forget_it(request: HttpRequest, model_id: int) -> HttpResponse:
    require(request, "agents.change_languagemodel")
    model = get_object_or_404(LanguageModel, pk=model_id)
    forget_lessons(model.pk)
    messages.success(request, FORGOTTEN)
    return redirect("admin:agents_languagemodel_change", model.pk)
