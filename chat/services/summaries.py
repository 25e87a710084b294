"""Summaries of conversations: when one is due, and keeping what a model wrote."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from agents.runtime.events import ModelCalled
from agents.runtime.llm import Message as Turn
from agents.runtime.text import clean
from agents.runtime.tokens import estimated
from agents.services import traces
from chat.history import Summarising, branch_to, hash_of, memory_of, nearest_summary, turns_of
from chat.models import Conversation, ConversationSummary, Message, Run


@dataclass(frozen=True, slots=True)
class Due:
    """A summary to write: the old one, and the branch from its root on as far as the new one reaches."""

    conversation_id: UUID
    trace_id: UUID
    old: str
    covered: int  # of the rows, by the old one
    rows: Sequence[Message]
    model: str

    @property
    def messages(self) -> Sequence[Turn]:
        """What was said since the old one."""
        return turns_of(self.rows[self.covered :])

    def first(self, messages: int) -> "Due":
        """A summary that reaches over so many of the messages alone."""
        return replace(self, rows=self.rows[: self.covered + messages])


def due_after(run: Run) -> Due | None:
    """What the end of this run leaves to be summarised. A program sends its own history anew with every call."""
    policy = memory_of(run)
    chats = Conversation.objects.filter(pk=run.conversation_id, source=Conversation.Source.CHAT, deleted_at=None)
    if not isinstance(policy, Summarising) or not chats.exists():
        return None
    branch = branch_to(run, run.answer_id)
    old = nearest_summary(run, branch)
    covered = old.turns if old else 0
    reach = policy.to_fold(turns_of(branch), covered)
    if reach is None:
        return None
    return Due(
        conversation_id=run.conversation_id,
        trace_id=run.trace_id,
        old=old.text if old else "",
        covered=len(_up_to_turn(branch, covered)) if covered else 0,
        rows=_up_to_turn(branch, reach),
        model=policy.model or run.trace.agent["model"],
    )


def store_summary(due: Due, *, text: str, model: str) -> None:
    """Keep it, unless the conversation has been deleted meanwhile."""
    text = clean(text)
    with transaction.atomic():
        if not Conversation.objects.select_for_update().filter(pk=due.conversation_id, deleted_at=None).exists():
            return
        ConversationSummary.objects.update_or_create(
            conversation_id=due.conversation_id,
            covers_to_id=due.rows[-1].pk,
            defaults={
                "covered_hash": hash_of(due.rows),
                "text": text,
                "model": model[:200],
                "tokens": estimated(text),
            },
        )


def account_for(due: Due, call: ModelCalled) -> None:
    """The call belongs to the answer after which it was made: there its cost is seen, and only by who may read it."""
    traces.record(due.trace_id, [call], texts={})


def _up_to_turn(branch: Sequence[Message], turns: int) -> Sequence[Message]:
    """The messages of the first turns, with all that stands before the next person's message."""
    begun = 0
    for place, row in enumerate(branch):
        begun += row.role == Message.Role.USER
        if begun > turns:
            return branch[:place]
    return branch
