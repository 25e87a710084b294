"""A chain's page: its rows, saved together or not at all, and one real try of what is typed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from agents.admin.addresses import number_in
from agents.admin.base import require
from agents.admin.chains.editor import Editor
from agents.admin.chains.trying import Attempt, samples_of
from agents.admin.site import site
from agents.models import Chain
from agents.runtime.chains import ChainProblems
from agents.services.chains import chains_with, save_chain


def find(chain_id: object) -> Chain:
    return get_object_or_404(Chain, pk=number_in(chain_id))


def show(request: HttpRequest, chain: Chain) -> HttpResponse:
    """GET shows the chain, POST saves it or shows its rows anew with what they need now."""
    verb = "change" if chain.pk else "add"
    require(request, "agents.view_chain" if chain.pk else "agents.add_chain")
    if request.method != "POST":
        return page(request, chain, Editor(chain))
    require(request, f"agents.{verb}_chain")
    editor = Editor(chain, request.POST)
    if "_update" in request.POST:
        return page(request, chain, editor)
    if not _save(request, chain, editor):
        return page(request, chain, editor, status=422)
    return redirect("admin:agents_chain_change", chain.pk)


def _save(request: HttpRequest, chain: Chain, editor: Editor) -> bool:
    if not editor.is_valid():
        return False
    values = editor.settings.cleaned_data
    if Chain.objects.filter(slug=values["slug"]).exclude(pk=chain.pk).exists():
        editor.settings.add_error("slug", "There is a chain with this slug already.")
        return False
    is_new = chain.pk is None
    named = {key: values[key] for key in ("slug", "name", "description")}
    try:
        warnings = save_chain(chain=chain, definition=editor.definition(), **named)
    except ChainProblems as error:
        editor.show(error)
        return False
    owner = site.get_model_admin(Chain)
    (owner.log_addition if is_new else owner.log_change)(request, chain, "Saved the chain.")
    messages.success(request, f"“{chain}” is saved.")
    for warning in warnings:
        messages.warning(request, str(warning))
    return True


def page(
    request: HttpRequest, chain: Chain, editor: Editor, *, attempt: Attempt | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **site.each_context(request),
        **panel_context(request, editor, attempt),
        "opts": Chain._meta,
        "title": chain.name or "New chain",
        "chain": chain,
        "editor": editor,
        "chains": chains_with(chain.slug) if chain.pk else (),
        "agents": chain.agents.order_by("name") if chain.pk else (),
        "tools": chain.tools.order_by("name") if chain.pk else (),
        "can_delete": bool(chain.pk) and site.get_model_admin(Chain).has_delete_permission(request, chain),
    }
    return render(request, "admin/agents/chain/edit.html", context, status=status)


def panel(request: HttpRequest, editor: Editor, attempt: Attempt) -> HttpResponse:
    """The try alone, for a page that shows the rest already."""
    context = {**panel_context(request, editor, attempt), "chain": editor.chain}
    return render(request, "admin/agents/chain/_try.html", context)


def panel_context(request: HttpRequest, editor: Editor, attempt: Attempt | None) -> dict[str, Any]:
    may_change = "agents.change_chain" if editor.chain.pk else "agents.add_chain"
    return {
        "samples": samples_of(editor, request.POST),
        "attempt": attempt,
        "can_change": request.user.has_perm(may_change),
    }
