"""Pages of the chat, and the small changes that its rail makes by POST."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from chat import snapshots
from chat.errors import CommandError, not_found
from chat.models import Conversation, Run
from chat.services import conversations
from chat.sidebar import with_activity

RAIL = 200  # conversations in the rail at first; older ones come by as many


@never_cache
@login_required
@require_GET
def chat(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """The chat: empty, or with a conversation."""
    conversation = None
    if conversation_id is not None:
        try:
            conversation = conversations.get(user=request.user, conversation_id=conversation_id)
        except CommandError as error:
            raise Http404(error.detail) from error
    length = rail_length(request)
    rail = list(with_activity(Conversation.objects.in_rail_of(request.user))[: length + 1])
    agents = describe_agents()
    bootstrap = {
        "snapshot": snapshots.snapshot(conversation) if conversation else None,
        "agents": agents,
        "user": {"name": request.user.get_username(), "is_staff": request.user.is_staff},
        "limits": {"message_chars": settings.MAX_MESSAGE_CHARS},
        "urls": {"home": reverse("home"), "socket": "/ws/chat/"},
    }
    context = {
        "conversations": rail[:length],
        "longer_rail": length + RAIL if len(rail) > length else None,
        "conversation": conversation,
        "agents": agents,
        "bootstrap": bootstrap,
    }
    return render(request, "chat/chat.html", context)


def rail_length(request: HttpRequest) -> int:
    """How many conversations the rail holds: `?chats=400`."""
    asked = request.GET.get("chats", "")
    return max(RAIL, int(asked)) if asked.isdecimal() and len(asked) < 7 else RAIL


def describe_agents() -> list[dict[str, Any]]:
    """What the picker and the empty chat say of each agent."""
    agents = Agent.objects.offered().prefetch_related("agent_tools__tool")
    return [
        {
            "slug": agent.slug,
            "name": agent.name,
            "description": agent.description,
            "type": agent.get_agent_type_display(),
            "starters": agent.starters,
            "tools": [
                {"name": row.name or row.tool.name, "description": row.description or row.tool.description}
                for row in agent.agent_tools.all()
                if row.tool.enabled
            ],
        }
        for agent in agents
    ]


def json_view(view: Callable[..., dict[str, Any]]) -> Callable[..., JsonResponse]:
    """JSON out; refusals as `{code, detail}` with their status; strangers get 401 instead of a page."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> JsonResponse:
        if not request.user.is_authenticated:
            return JsonResponse({"code": "signed_out", "detail": "You are signed out. Sign in again."}, status=401)
        try:
            return JsonResponse(view(request, **kwargs))
        except CommandError as error:
            return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status)

    return never_cache(answer)


def field(request: HttpRequest, name: str, kind: type) -> Any:
    """One field of a JSON body, of the type it must have."""
    try:
        value = orjson.loads(request.body)[name]
    except (ValueError, KeyError, TypeError):
        raise CommandError("bad_request", f"The request needs a JSON body with “{name}”.") from None
    if not isinstance(value, kind):
        raise CommandError("bad_request", f"“{name}” must be a {kind.__name__}.")
    return value


@require_POST
@json_view
def rename(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversations.rename(user=request.user, conversation_id=conversation_id, title=field(request, "title", str))
    return {}


@require_POST
@json_view
def pin(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversations.pin(user=request.user, conversation_id=conversation_id, pinned=field(request, "pinned", bool))
    return {}


@require_POST
@json_view
def delete(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversations.delete(user=request.user, conversation_id=conversation_id)
    return {}


@require_POST
@json_view
def restore(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversations.restore(user=request.user, conversation_id=conversation_id)
    return {}


@require_POST
@json_view
def mark_read(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversations.mark_read(user=request.user, conversation_id=conversation_id)
    return {}


@require_POST
@json_view
def show_branch(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    try:
        message_id = UUID(field(request, "message", str))
    except ValueError:
        raise not_found("message") from None
    conversation = conversations.show_branch(user=request.user, conversation_id=conversation_id, message_id=message_id)
    return snapshots.snapshot(conversation)


@require_GET
@json_view
def older_messages(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    conversation = conversations.get(user=request.user, conversation_id=conversation_id)
    try:
        before = UUID(request.GET.get("before", ""))
    except ValueError:
        raise not_found("message") from None
    return snapshots.older_messages(conversation, before)


@require_GET
@json_view
def run_frames(request: HttpRequest, run_id: UUID) -> dict[str, Any]:
    """A run's whole log: what the timeline of an earlier answer is made of."""
    run = Run.objects.visible_to(request.user).filter(pk=run_id).first()
    if run is None:
        raise not_found("run")
    frames = [orjson.loads(frame.text) for frame in snapshots.frames_after(run.pk, 0)]
    return {"run": str(run.pk), "state": run.state, "frames": frames}
