"""What a conversation looks like to someone who opens it now."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import Prefetch

from chat.errors import not_found
from chat.models import Conversation, Frame, Message, Run
from chat.protocol import encode

PAGE = 60  # messages of the active branch that are sent at once; older ones on demand


class StoredFrame(NamedTuple):
    """A frame of the log. `text` is its wire form."""

    run_id: UUID
    seq: int
    text: str


def snapshot(conversation: Conversation) -> dict[str, Any]:
    """The reply to `watch`: the end of the active branch, and where its runs stand."""
    tree = _Tree(conversation)
    branch = tree.branch_to(conversation.active_leaf_id)
    messages = _describe(branch[-PAGE:], tree)
    return {
        "type": "snapshot",
        "conversation": {
            "id": str(conversation.pk),
            "title": str(conversation),
            "agent": conversation.agent.slug if conversation.agent else None,
            "pinned": conversation.pinned,
        },
        "messages": messages,
        "leaf": str(conversation.active_leaf_id) if conversation.active_leaf_id else None,
        "runs": {m["run"]["id"]: {"state": m["run"]["state"], "seq": m["run"]["seq"]} for m in messages if m["run"]},
        "more": len(branch) > PAGE,
    }


def older_messages(conversation: Conversation, before: UUID) -> dict[str, Any]:
    """The page of the branch above a message."""
    tree = _Tree(conversation)
    branch = tree.branch_to(before)[:-1]
    if before not in tree.parents:
        raise not_found("message")
    return {"messages": _describe(branch[-PAGE:], tree), "more": len(branch) > PAGE}


def frames_after(run_id: UUID, after: int) -> list[StoredFrame]:
    """A run's log from a point on."""
    rows = Frame.objects.filter(run_id=run_id, seq__gt=after).values_list("seq", "first", "events")
    return [StoredFrame(run_id, row[0], _wire(run_id, *row)) for row in rows]


def frames_since(conversation_id: UUID, after: Mapping[UUID, int]) -> list[StoredFrame]:
    """Logs of runs that the watcher was following and of those that are active: what a reconnect needs."""
    followed = Run.objects.filter(conversation_id=conversation_id, pk__in=list(after)).values_list("pk", flat=True)
    active = Run.objects.active().filter(conversation_id=conversation_id).values_list("pk", flat=True)
    run_ids = dict.fromkeys([*followed, *active])
    return [frame for run_id in run_ids for frame in frames_after(run_id, after.get(run_id, 0))]


def _wire(run_id: UUID, seq: int, first: int | None, events: str) -> str:
    replaces = {} if first is None else {"first": first}
    return encode({"type": "frame", "run": str(run_id), "seq": seq, **replaces, "events": orjson.Fragment(events)})


class _Tree:
    """The shape of a conversation: ids only, so that a long one costs one light query."""

    def __init__(self, conversation: Conversation) -> None:
        self.parents: dict[UUID, UUID | None] = {}
        self.children: dict[UUID | None, list[UUID]] = {}
        rows = conversation.messages.order_by("created_at").values_list("pk", "parent_id")
        for pk, parent in rows:
            self.parents[pk] = parent
            self.children.setdefault(parent, []).append(pk)

    def branch_to(self, leaf: UUID | None) -> list[UUID]:
        branch = []
        while leaf in self.parents:
            branch.append(leaf)
            leaf = self.parents[leaf]
        return branch[::-1]

    def siblings(self, pk: UUID) -> list[str]:
        return [str(sibling) for sibling in self.children[self.parents[pk]]]


def _describe(ids: Iterable[UUID], tree: _Tree) -> list[dict[str, Any]]:
    ids = list(ids)
    runs = Run.objects.select_related("trace__prompt_version__prompt").order_by("created_at")
    rows = Message.objects.filter(pk__in=ids).prefetch_related(Prefetch("runs", runs)).in_bulk()
    return [describe_message(rows[pk], tree.siblings(pk)) for pk in ids if rows[pk].role != Message.Role.SYSTEM]


def describe_message(message: Message, siblings: list[str]) -> dict[str, Any]:
    runs = list(message.runs.all())
    return {
        "id": str(message.pk),
        "role": message.role,
        "content": message.content,
        "parent": str(message.parent_id) if message.parent_id else None,
        "created_at": message.created_at.isoformat(),
        "siblings": siblings,
        "run": describe_run(runs[-1]) if runs else None,
    }


def describe_run(run: Run) -> dict[str, Any]:
    agent = run.trace.agent
    version = run.trace.prompt_version
    return {
        "id": str(run.pk),
        "state": run.state,
        "seq": run.last_seq,
        "stop_reason": run.stop_reason,
        "code": run.error_code,
        "detail": run.error_detail,
        "retryable": run.state in (Run.State.FAILED, Run.State.INTERRUPTED, Run.State.CANCELLED),
        "agent": {"slug": agent.get("slug"), "name": agent.get("name")},
        "prompt_version": str(version) if version else None,
        **{key: run.summary.get(key) for key in ("steps", "ms", "model", "first_token_ms", "usage")},
    }
