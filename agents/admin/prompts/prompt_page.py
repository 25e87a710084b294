"""A prompt's page: its versions, its labels and where they have pointed, and what to do next."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from agents.admin.addresses import number_in
from agents.admin.base import note, require
from agents.admin.figures import last_figures
from agents.admin.pairs import comparable_pair
from agents.admin.site import site
from agents.models import Prompt, PromptVersion
from agents.runtime.errors import PromptError
from agents.services.prompts import MOVE_PROTECTED, create_draft, may_move, move_label, protect_label

MOVES_SHOWN = 20


def show(request: HttpRequest, model_admin, prompt_id: str) -> HttpResponse:
    require(request, "agents.view_prompt")
    prompt = get_object_or_404(Prompt, pk=number_in(prompt_id))
    versions = list(prompt.versions.select_related("author").prefetch_related("labels"))
    figures = last_figures("version", [version.pk for version in versions])
    for version in versions:
        version.figure = figures.get(version.pk)
    published = [version for version in versions if version.is_published]
    context = model_admin.page_context(
        request,
        title=prompt.name,
        prompt=prompt,
        versions=versions,
        published=published,
        draft=next((version for version in versions if not version.is_published), None),
        labels=prompt.labels.select_related("version"),
        moves=prompt.label_moves.select_related("before", "after", "moved_by")[:MOVES_SHOWN],
        agents=prompt.agents.all(),
        pair=comparable_pair(prompt),
        can_change=request.user.has_perm("agents.change_prompt"),
        can_protect=request.user.has_perms(["agents.change_prompt", MOVE_PROTECTED]),
    )
    return render(request, "admin/agents/prompt/page.html", context)


@require_POST
def new_draft(request: HttpRequest, prompt_id: int) -> HttpResponse:
    require(request, "agents.change_prompt")
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    number = number_in(request.POST.get("from", ""))
    parent = get_object_or_404(PromptVersion, prompt=prompt, number=number) if number else None
    draft = create_draft(prompt=prompt, parent=parent, author=request.user)
    note(request, prompt, f"Began draft {draft.number}{f' from version {parent.number}' if parent else ''}.")
    copied = f", a copy of version {parent.number}" if parent else ""
    messages.success(request, f"Draft {draft.number} is yours to edit{copied}. Nothing uses it until it is published.")
    return redirect("admin:agents_prompt_version", prompt.pk, draft.number)


def move(request: HttpRequest, prompt_id: int) -> HttpResponse:
    """Asked first (GET), done then (POST): moving `production` changes what the chat says from the next message on."""
    require(request, "agents.change_prompt")
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    asked = request.POST if request.method == "POST" else request.GET
    name = (asked.get("new_name", "").strip() or asked.get("name", "").strip()) or "production"
    number = number_in(asked.get("version", ""))
    version = prompt.versions.published().filter(number=number).first()
    if version is None:
        messages.error(request, "Choose a published version for the label. Drafts can't carry one: publish it first.")
        return redirect("admin:agents_prompt_change", prompt.pk)
    if request.method == "POST":
        return _moved(request, prompt, name, version)
    label = prompt.labels.select_related("version").filter(name=name).first()
    context = {
        **site.each_context(request),
        "title": f"Move {name} to version {number}?",
        "prompt": prompt,
        "name": name,
        "version": version,
        "label": label,
        "may_move": label is None or may_move(label, request.user),
        "agents": prompt.agents.filter(label=name),
    }
    return render(request, "admin/agents/prompt/move_label.html", context)


@require_POST
def protect(request: HttpRequest, prompt_id: int) -> HttpResponse:
    require(request, "agents.change_prompt")
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    name, protected = request.POST.get("name", ""), request.POST.get("protected") == "yes"
    try:
        protect_label(prompt=prompt, name=name, protected=protected, by=request.user)
    except PromptError as error:
        messages.error(request, error.detail)
    else:
        who = "only those who may move protected labels move it" if protected else "whoever edits prompts moves it"
        note(request, prompt, f"{'Protected' if protected else 'No longer protects'} {name}.")
        messages.success(request, f"{name} is {'protected' if protected else 'not protected'}: {who} from now on.")
    return redirect("admin:agents_prompt_change", prompt.pk)


def _moved(request: HttpRequest, prompt: Prompt, name: str, version: PromptVersion) -> HttpResponse:
    try:
        move_label(prompt=prompt, name=name, version=version, moved_by=request.user)
    except PromptError as error:
        messages.error(request, error.detail)
    else:
        note(request, prompt, f"Moved {name} to version {version.number}.")
        messages.success(request, f"{name} is version {version.number} now, from the next message on.")
    return redirect("admin:agents_prompt_change", prompt.pk)
