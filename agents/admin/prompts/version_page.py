"""A version's page: read as it will stay, or edited while it is a draft."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from agents.admin.addresses import number_in
from agents.admin.base import note, require
from agents.admin.figures import figures_of
from agents.admin.prompts.editor import Editor
from agents.admin.prompts.example_form import in_words
from agents.admin.prompts.initial import columns_of, shown
from agents.admin.prompts.preview import Preview, preview_of
from agents.admin.prompts.strategy_form import calls_said
from agents.admin.site import site
from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.services.prompts import DraftChanged, differences, discard_draft, export_prompt, publish_version, save_draft
from agents.services.prompts.text import to_yaml

EVALUATIONS_SHOWN = 5
WARNINGS_SHOWN = 5


def find(prompt_id: int, number: int) -> PromptVersion:
    versions = PromptVersion.objects.select_related("prompt", "author", "parent").prefetch_related("examples", "labels")
    return get_object_or_404(versions, prompt=number_in(prompt_id), number=number)


def show(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    require(request, "agents.view_prompt")
    version = find(prompt_id, number)
    if request.method == "POST":
        return _change(request, version)
    if version.is_published or not request.user.has_perm("agents.change_prompt"):
        return page(request, version, preview=preview_of(version, request.GET))
    return page(request, version, editor=Editor(version), preview=preview_of(version, request.GET))


def _change(request: HttpRequest, version: PromptVersion) -> HttpResponse:
    require(request, "agents.change_prompt")
    if version.is_published:
        messages.error(request, f"Version {version.number} is published and never changes. Make a new draft from it.")
        return redirect("admin:agents_prompt_version", version.prompt_id, version.number)
    editor = Editor(version, request.POST)
    if "_preview" in request.POST:
        return _previewed(request, version, editor)
    if not _save(request, version, editor):
        return page(request, version, editor=editor, preview=preview_of(version, request.POST), status=422)
    prompt_id, number = version.prompt_id, version.number
    if "_publish" in request.POST:
        return redirect("admin:agents_prompt_version_publish", prompt_id, number)
    messages.success(request, f"Draft {version.number} is saved.")
    for warning in preview_of(find(prompt_id, number), {}).warnings[:WARNINGS_SHOWN]:
        messages.warning(request, warning)
    return redirect("admin:agents_prompt_version", prompt_id, number)


def _save(request: HttpRequest, version: PromptVersion, editor: Editor) -> bool:
    if not editor.is_valid():
        return False
    try:
        save_draft(
            version=version,
            content=editor.content(),
            examples=editor.example_rows(),
            author=request.user,
            edition=editor.edition,
        )
    except DraftChanged as error:
        editor.overtake(error)
        return False
    except PromptError as error:
        editor.show(error)
        return False
    note(request, version.prompt, f"Saved draft {version.number}.")
    return True


def _previewed(request: HttpRequest, version: PromptVersion, editor: Editor) -> HttpResponse:
    """What is typed, rendered without being saved."""
    data = editor.file() if editor.is_valid() else None
    preview = (
        preview_of(version, request.POST, data=data, rows=editor.example_places())
        if data
        else Preview(problem="Put the marked fields right first.")
    )
    if request.headers.get("X-Requested-With") == "panel":
        return panel(request, version, preview)
    return page(request, version, editor=editor, preview=preview, status=200 if data else 422)


def panel(request: HttpRequest, version: PromptVersion, preview: Preview, attempt=None) -> HttpResponse:
    """The preview alone, for a page that shows the rest already."""
    context = {"version": version, "preview": preview, "attempt": attempt, "can_change": True}
    return render(request, "admin/agents/prompt/_preview.html", context)


def page(
    request: HttpRequest,
    version: PromptVersion,
    *,
    editor: Editor | None = None,
    preview: Preview | None = None,
    attempt=None,
    status: int = 200,
) -> HttpResponse:
    base = _compared_with(version, request.GET.get("against", ""))
    recent = list(version.evaluations.select_related("dataset")[:EVALUATIONS_SHOWN])
    context = {
        **site.each_context(request),
        "title": f"{version.prompt.name} {version.number}",
        "version": version,
        "prompt": version.prompt,
        "editor": editor,
        "preview": preview,
        "attempt": attempt,
        "columns": columns_of(version),
        "names": [label.name for label in version.labels.all()],
        "examples": _example_table(version),
        "choosing": in_words(version.example_template),
        "base": base,
        "diff": differences(base, version) if base else None,
        "calls": calls_said(version),
        "figures": figures_of(recent).values() if recent else (),
        "others": version.prompt.versions.exclude(pk=version.pk),
        "can_change": request.user.has_perm("agents.change_prompt"),
    }
    template = "admin/agents/prompt/edit.html" if editor else "admin/agents/prompt/version.html"
    return render(request, template, context, status=status)


def _compared_with(version: PromptVersion, number: str) -> PromptVersion | None:
    """The version that the page shows the differences to: the one asked for, the parent, or the one before."""
    others = version.prompt.versions.prefetch_related("examples").exclude(pk=version.pk)
    if chosen := others.filter(number=number_in(number)).first():
        return chosen
    return others.filter(pk=version.parent_id).first() or others.filter(number__lt=version.number).first()


def _example_table(version: PromptVersion) -> list[dict]:
    columns = columns_of(version)
    return [
        {"row": example, "inputs": [shown(example.inputs.get(column, "")) for column in columns]}
        for example in version.examples.all()
    ]


def publish(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    require(request, "agents.change_prompt")
    version = find(prompt_id, number)
    if version.is_published:
        return redirect("admin:agents_prompt_version", prompt_id, number)
    problem = None
    if request.method == "POST":
        try:
            publish_version(version=version, author=request.user)
        except PromptError as error:
            problem = error.detail
        else:
            note(request, version.prompt, f"Published version {number}.")
            messages.success(request, f"Version {number} is published. {_what_next(version)}")
            return redirect("admin:agents_prompt_version", prompt_id, number)
    base = _compared_with(version, "")
    context = {
        **site.each_context(request),
        "title": f"Publish version {number}?",
        "version": version,
        "prompt": version.prompt,
        "base": base,
        "diff": differences(base, version) if base else None,
        "problem": problem,
        "warnings": preview_of(version, {}).warnings,
        "first": not version.prompt.labels.exists(),
    }
    return render(request, "admin/agents/prompt/publish.html", context, status=422 if problem else 200)


def _what_next(version: PromptVersion) -> str:
    in_use = version.prompt.labels.filter(name="production").select_related("version").first()
    if in_use is None or in_use.version_id == version.pk:
        return "It is production now."
    return f"Production is still version {in_use.version.number}: measure the new one, then move the label."


def discard(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    """Asked first (GET), done then (POST)."""
    require(request, "agents.change_prompt")
    version = find(prompt_id, number)
    if request.method != "POST" and not version.is_published:
        context = {
            **site.each_context(request),
            "title": f"Discard draft {number}?",
            "text": "Its messages and examples are gone for good. Published versions stay as they are.",
            "button": "Discard the draft",
            "back": reverse("admin:agents_prompt_version", args=[prompt_id, number]),
        }
        return render(request, "admin/confirm.html", context)
    try:
        discard_draft(version=version)
    except PromptError as error:
        messages.error(request, error.detail)
    else:
        note(request, version.prompt, f"Discarded draft {number}.")
        messages.success(request, f"Draft {number} is gone.")
    return redirect("admin:agents_prompt_change", prompt_id)


def export(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    """The version as a prompt file, for git or another Parley."""
    require(request, "agents.view_prompt")
    version = find(prompt_id, number)
    response = HttpResponse(to_yaml(export_prompt(version)), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{version.prompt.slug}-{number}.yaml"'
    return response
