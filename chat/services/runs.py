"""Every change in the life of a run (architecture.md §2): started, claimed, kept alive, asked to stop, ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from agents.models import Agent, PromptVersion, Trace, User
from agents.runtime.errors import ConfigurationError
from agents.runtime.text import clean, cleaned
from agents.services import traces
from agents.services.agents import resolve_agent
from chat import launcher
from chat.errors import CommandError, not_found
from chat.hub import Published
from chat.journal import append_frame, lock_runs
from chat.models import Conversation, Frame, Message, Run
from chat.sidebar import announce
from chat.transcript import Transcript

LEASE = timedelta(seconds=10)
MOST_CRASHES = 3
ACTIVE_LEAF: Any = object()  # "beneath the end of the branch that is shown"


@dataclass(frozen=True)
class Started:
    """What `run.start` and `run.retry` answer, the same each time: the run, and the person's message if it made one."""

    run: Run
    message: Message | None


def start_run(
    *,
    user: User,
    client_id: str,
    text: str,
    conversation_id: UUID | None = None,
    agent_slug: str | None = None,
    parent_id: UUID | None = ACTIVE_LEAF,
) -> Started:
    """A person says something: their message, an empty answer and a queued run, in one transaction.

    Sending the same `client_id` again changes nothing and gives the same rows back.
    """
    if known := _started_before(user, client_id):
        return known
    text = clean(checked(text))
    conversation = _conversation_for(user, conversation_id)
    agent = _agent_for(agent_slug, conversation)
    version, snapshot = _resolve(agent)
    try:
        with transaction.atomic():
            if conversation is None:
                conversation = Conversation.objects.create(owner=user, agent=agent, title=title_of(text))
            elif conversation.agent_id != agent.pk:
                Conversation.objects.filter(pk=conversation.pk).update(agent=agent)
            parent = _leaf_of(conversation) if parent_id is ACTIVE_LEAF else _message_in(conversation, parent_id)
            message = Message.objects.create(
                conversation=conversation, parent=parent, role=Message.Role.USER, content=text
            )
            run = _queue(conversation, message, user, client_id, version, snapshot)
    except IntegrityError:
        return _started_meanwhile(user, client_id)
    return Started(run, message)


def retry_run(*, user: User, client_id: str, answer_id: UUID, agent_slug: str | None = None) -> Started:
    """Make an answer anew, as a sibling of the old one; the agent's configuration is resolved anew."""
    if known := _started_before(user, client_id):
        return replace(known, message=None)
    answer = (
        Message.objects.visible_to(user)
        .select_related("conversation__agent", "parent")
        .filter(pk=answer_id, role=Message.Role.ASSISTANT)
        .first()
    )
    if answer is None or answer.parent is None:
        raise not_found("answer")
    agent = _agent_for(agent_slug, answer.conversation)
    version, snapshot = _resolve(agent)
    try:
        with transaction.atomic():
            run = _queue(answer.conversation, answer.parent, user, client_id, version, snapshot)
    except IntegrityError:
        return _started_meanwhile(user, client_id)
    return Started(run, None)


def start_api_run(
    *,
    user: User,
    client_id: str,
    messages: Iterable[Mapping[str, str]],
    agent: Agent | None,
    version: PromptVersion | None,
    snapshot: dict[str, Any],
) -> Run:
    """A program's call, kept as a conversation of its own outside the rail. The last message is the person's."""
    turns = cleaned(list(messages))
    with transaction.atomic():
        conversation = Conversation.objects.create(
            owner=user, agent=agent, source=Conversation.Source.API, title=title_of(turns[-1]["content"])
        )
        rows: list[Message] = []
        for turn in turns:
            parent = rows[-1] if rows else None
            rows.append(Message(conversation=conversation, parent=parent, role=turn["role"], content=turn["content"]))
        Message.objects.bulk_create(rows)  # in one go: a long history must not hold the only write lock for long
        return _queue(conversation, rows[-1], user, client_id, version, snapshot)


def claim_run(run_id: UUID) -> Run | None:
    """Take a queued run, or None: delivery may happen twice."""
    with transaction.atomic():
        run = lock_runs([run_id]).get(run_id)
        if run is None or run.state != Run.State.QUEUED:
            return None
        run.state = Run.State.RUNNING
        run.attempt += 1
        run.started_at = timezone.now()
        run.lease_expires_at = timezone.now() + LEASE
        run.save(update_fields=["state", "attempt", "started_at", "lease_expires_at"])
    return Run.objects.select_related("trace__prompt_version__prompt", "conversation").get(pk=run_id)


def renew_leases(run_ids: Iterable[UUID]) -> set[UUID]:
    """Keep this process's runs alive, in one query; returns those that somebody asked to stop."""
    mine = Run.objects.filter(pk__in=list(run_ids), state=Run.State.RUNNING)
    mine.update(lease_expires_at=Now() + LEASE)
    return set(mine.exclude(cancel_requested_at=None).values_list("pk", flat=True))


def release(run_ids: Iterable[UUID]) -> None:
    """Give runs up without ending them: whoever starts next takes care of them at once, and counts no crash."""
    Run.objects.filter(pk__in=list(run_ids), state=Run.State.RUNNING).update(lease_expires_at=None)


def request_cancel(*, user: User, run_id: UUID) -> Run:
    """Stop, from any tab or process. Asking again, or too late, changes nothing."""
    run = Run.objects.visible_to(user).filter(pk=run_id).first()
    if run is None:
        raise not_found("run")
    Run.objects.active().filter(pk=run.pk, cancel_requested_at=None).update(cancel_requested_at=timezone.now())
    launcher.cancel(run.pk)
    run.refresh_from_db(fields=["state"])
    return run


@dataclass(frozen=True)
class Ending:
    """How a run ends. `answer` is the text that was shown."""

    state: Run.State
    answer: str
    stop_reason: str = ""
    code: str = ""
    detail: str = ""
    retryable: bool = False

    def event(self, run: Run, shown: Transcript) -> dict[str, Any]:
        """The last event of the run's log."""
        if self.state == Run.State.FAILED:
            return {"type": "run.failed", "code": self.code, "detail": self.detail, "retryable": self.retryable}
        return {
            "type": "run.finished",
            "status": self.state.value,
            "stop_reason": self.stop_reason,
            "message": str(run.answer_id),
            "usage": shown.usage,
            "ms": elapsed_ms(run),
        }


def end_run(run: Run, ending: Ending, shown: Transcript) -> None:
    """Everything that ends with a run, inside the caller's transaction on the locked row."""
    now = timezone.now()
    Message.objects.filter(pk=run.answer_id).update(content=ending.answer)
    traces.close_trace(run.trace_id, status=ending.state.value, stop_reason=ending.stop_reason, texts=shown.texts)
    Run.objects.filter(pk=run.pk).update(
        state=ending.state,
        finished_at=now,
        lease_expires_at=None,
        stop_reason=ending.stop_reason,
        error_code=ending.code,
        error_detail=ending.detail,
        summary=summarise(run, shown),
    )
    Conversation.objects.filter(pk=run.conversation_id).update(updated_at=now)
    transaction.on_commit(lambda: announce(run.conversation_id), robust=True)


def summarise(run: Run, shown: Transcript) -> dict[str, Any]:
    """What the page says about a finished answer without opening its timeline."""
    first_call = run.trace.model_calls.order_by("pk").first()
    return {
        "steps": shown.step_count,
        "ms": elapsed_ms(run),
        "model": shown.model,
        "first_token_ms": first_call.first_token_ms if first_call else None,
        "usage": shown.usage,
    }


def elapsed_ms(run: Run) -> int:
    return int((timezone.now() - (run.started_at or run.created_at)).total_seconds() * 1000)


def take_care_of_abandoned(run_id: UUID) -> Published | None:
    """A run whose process died. One that had shown nothing starts again; else it ends, and what it had shown stays.

    Returns its last frame, to be published by the caller once this has committed.
    """
    with transaction.atomic():
        run = lock_runs([run_id]).get(run_id)
        if run is None or not run.is_abandoned:
            return None
        run.attempt += 1  # fences the old process, should it still live
        run.crashes += run.lease_expires_at is not None
        run.save(update_fields=["attempt", "crashes"])
        if run.crashes < MOST_CRASHES and run.last_seq <= 1 and not run.trace.steps.exists():
            _queue_again(run)
            return None
        return _interrupt(run)


def _queue_again(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=Run.State.QUEUED, lease_expires_at=None)
    transaction.on_commit(lambda: launcher.launch(run.pk), robust=True)


def _interrupt(run: Run) -> Published:
    shown = Transcript()
    for events in Frame.objects.filter(run=run).values_list("events", flat=True):
        shown.apply_all(orjson.loads(events))
    ending = Ending(
        Run.State.INTERRUPTED,
        shown.answer,
        code="interrupted",
        detail="The server stopped while this answer was being written. What was there is kept; try again.",
    )
    # How long an open step had taken died with its process.
    closed = [{"type": "step.finished", "step": step, "ms": 0} for step in sorted(shown.open)]
    frame = append_frame(run, [*closed, ending.event(run, shown)])
    end_run(run, ending, shown)
    return frame


def checked(text: str) -> str:
    """A message that can be sent; raises CommandError."""
    if not text.strip():
        raise CommandError("empty_message", "There is nothing in this message. Write something first.")
    if len(text) > settings.MAX_MESSAGE_CHARS:
        raise CommandError(
            "message_too_long",
            f"This message has {len(text):,} characters; at most {settings.MAX_MESSAGE_CHARS:,} can be sent. Shorten "
            "it, or send it in parts.",
        )
    return text


def title_of(text: str) -> str:
    """The start of the first line that says something, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + "…"


def _started_before(user: User, client_id: str) -> Started | None:
    run = Run.objects.select_related("conversation", "answer__parent").filter(user=user, client_id=client_id).first()
    return None if run is None else Started(run, run.answer.parent)


def _started_meanwhile(user: User, client_id: str) -> Started:
    """A constraint refused the run: the same command came in twice at once, or another run is active."""
    if known := _started_before(user, client_id):
        return known
    raise CommandError("busy", "An answer is still being written here. Wait for it, or stop it.", status=409)


def _conversation_for(user: User, conversation_id: UUID | None) -> Conversation | None:
    if conversation_id is None:
        return None
    found = Conversation.objects.visible_to(user).select_related("agent").filter(pk=conversation_id).first()
    if found is None:
        raise not_found()
    return found


def _leaf_of(conversation: Conversation) -> Message | None:
    """The end of the branch that is shown, as it is now: another tab may have gone on since we looked."""
    return Message.objects.filter(pk__in=Conversation.objects.filter(pk=conversation.pk).values("active_leaf")).first()


def _agent_for(slug: str | None, conversation: Conversation | None) -> Agent:
    if slug is None and conversation is not None and conversation.agent and conversation.agent.enabled:
        return conversation.agent
    offered = Agent.objects.offered().select_related("prompt", "chain")
    agent = offered.first() if slug is None else offered.filter(slug=slug).first()
    if agent is None:
        names = ", ".join(offered.values_list("slug", flat=True)) or "none yet"
        raise CommandError("unknown_agent", f"There is no agent called “{slug or ''}”. Agents: {names}.")
    return agent


def _resolve(agent: Agent) -> tuple[PromptVersion | None, dict[str, Any]]:
    try:
        return resolve_agent(agent)
    except ConfigurationError as error:
        raise CommandError("agent_not_ready", str(error)) from error


def _message_in(conversation: Conversation, message_id: UUID | None) -> Message | None:
    if message_id is None:
        return None
    found = conversation.messages.filter(pk=message_id).first()
    if found is None:
        raise not_found("message")
    return found


def _queue(
    conversation: Conversation,
    parent: Message,
    user: User,
    client_id: str,
    version: PromptVersion | None,
    snapshot: dict[str, Any],
) -> Run:
    answer = Message.objects.create(conversation=conversation, parent=parent, role=Message.Role.ASSISTANT)
    trace = traces.open_trace(kind=Trace.Kind.RUN, prompt_version=version, agent=snapshot)
    run = Run.objects.create(trace=trace, conversation=conversation, user=user, answer=answer, client_id=client_id)
    Conversation.objects.filter(pk=conversation.pk).update(active_leaf=answer, updated_at=timezone.now())
    transaction.on_commit(lambda: launcher.launch(run.pk), robust=True)
    transaction.on_commit(lambda: announce(conversation.pk), robust=True)
    return run
