"""The left navigation, in our words; a person sees what they may open."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from agents.admin.permissions import may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. It is current on every page under one of `also`."""

    label: str
    icon: str
    view: str
    permission: str
    also: tuple[str, ...] = ()


SECTIONS = (
    (
        "Measure",
        (
            Entry("Prompts", "file-text", "agents_prompt_changelist", "agents.view_prompt"),
            Entry(
                "Evaluations",
                "flask-conical",
                "agents_evaluation_changelist",
                "agents.view_evaluation",
                ("/agents/trace/",),
            ),
            Entry("Datasets", "database", "agents_dataset_changelist", "agents.view_dataset", ("/agents/case/",)),
        ),
    ),
    (
        "Build",
        (
            Entry("Agents", "bot", "agents_agent_changelist", "agents.view_agent"),
            Entry("Chains", "list-checks", "agents_chain_changelist", "agents.view_chain"),
            Entry("Tools", "wrench", "agents_tool_changelist", "agents.view_tool"),
            Entry(
                "Documents",
                "book-open",
                "agents_documentcollection_changelist",
                "agents.view_documentcollection",
                ("/agents/document/",),
            ),
        ),
    ),
    (
        "Watch",
        (Entry("Conversations", "message-square", "chat_conversation_changelist", "chat.review_conversations"),),
    ),
    (
        "Run",
        (
            Entry(
                "Models",
                "sliders-horizontal",
                "agents_languagemodel_changelist",
                "agents.view_languagemodel",
                ("/agents/provider/",),
            ),
            Entry("People", "users", "agents_user_changelist", "agents.view_user", ("/auth/group/",)),
            Entry("API keys", "key-round", "agents_apikey_changelist", "agents.view_apikey"),
        ),
    ),
)


def sections_for(request: HttpRequest) -> list[dict]:
    sections = []
    for title, entries in SECTIONS:
        allowed = [_line(request, entry) for entry in entries if may(request.user, entry.permission)]
        if shown := [line for line in allowed if line]:
            sections.append({"title": title, "entries": shown})
    return sections


def _line(request: HttpRequest, entry: Entry) -> dict | None:
    try:
        url = reverse(f"admin:{entry.view}")
    except NoReverseMatch:
        return None
    current = request.path.startswith(url) or any(part in request.path for part in entry.also)
    return {"label": entry.label, "icon": entry.icon, "url": url, "current": current}
