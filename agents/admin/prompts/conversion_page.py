"""The page that writes a draft's texts in the other template format: shown first, done then."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agents.admin.base import note, require
from agents.admin.prompts.version_page import find
from agents.admin.site import site
from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.services.prompts import conversion_of, convert_draft
from agents.services.prompts.conversion import OTHER


def show(request: HttpRequest, prompt_id: int, number: int) -> HttpResponse:
    require(request, "agents.change_prompt")
    version = find(prompt_id, number)
    if version.is_published:
        messages.error(request, f"Version {number} is published and never changes. Make a new draft from it.")
        return redirect("admin:agents_prompt_version", prompt_id, number)
    target = PromptVersion.Format(OTHER[version.format]).label
    diff = problem = None
    try:
        if request.method == "POST":
            convert_draft(version=version, author=request.user, edition=request.POST.get("edition"))
            note(request, version.prompt, f"Converted draft {number} to “{target}”.")
            messages.success(request, f"Draft {number} is written as “{target}” now.")
            return redirect("admin:agents_prompt_version", prompt_id, number)
        diff = conversion_of(version)
    except PromptError as error:
        problem = error.detail
    context = {
        **site.each_context(request),
        "title": f"Convert draft {number}?",
        "version": version,
        "prompt": version.prompt,
        "target": target,
        "diff": diff,
        "problem": problem,
    }
    status = 422 if problem and request.method == "POST" else 200
    return render(request, "admin/agents/prompt/convert.html", context, status=status)
