"""What a model is shown of a conversation: the branch above an answer, through the agent's memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from agents.runtime.events import Notice
from agents.runtime.llm import Message as Turn
from agents.runtime.memory import MemoryPolicy, RunningSummary, Summary, SummaryBuffer, parse_memory
from chat.models import ConversationSummary, Message, Run

Summarising = RunningSummary | SummaryBuffer


@dataclass(frozen=True, slots=True)
class Remembered:
    """The person's message, what the model sees of those before it, and what is said about the rest."""

    question: str
    history: tuple[Turn, ...]
    notice: Notice | None


def remembered(run: Run) -> Remembered:
    """The branch that leads to this run's answer. Raises ConfigurationError for a memory that doesn't exist."""
    *earlier, question = branch_to(run, run.answer.parent_id)
    policy = memory_of(run)
    turns = turns_of(earlier)
    if isinstance(policy, Summarising):
        selection = policy.select(turns, nearest_summary(run, earlier))
    else:
        selection = policy.select(turns)
    return Remembered(question.content, selection.messages, selection.notice)


def memory_of(run: Run) -> MemoryPolicy:
    """As it was set when the run started; runs from before there was a choice remember all."""
    return parse_memory(run.trace.agent.get("memory") or {})


def branch_to(run: Run, leaf: UUID | None) -> list[Message]:
    """The messages from the root of the run's conversation down to this one."""
    parents: dict[UUID, UUID | None] = dict(run.conversation.messages.values_list("pk", "parent_id"))
    branch = []
    while leaf is not None:
        branch.append(leaf)
        leaf = parents[leaf]
    rows = Message.objects.in_bulk(branch)
    return [rows[pk] for pk in reversed(branch)]


def turns_of(rows: Sequence[Message]) -> list[Turn]:
    return [Turn(row.role, row.content) for row in rows]


def nearest_summary(run: Run, branch: Sequence[Message]) -> Summary | None:
    """The summary that covers most of this branch from its root on, and nothing beside it."""
    places = {row.pk: place for place, row in enumerate(branch)}
    known = ConversationSummary.objects.filter(conversation=run.conversation_id)
    reaching = {
        places[to]: (pk, covered)
        for pk, to, covered in known.values_list("pk", "covers_to", "covered_hash")
        if to in places
    }
    for place in sorted(reaching, reverse=True):
        pk, covered = reaching[place]
        if covered == hash_of(branch[: place + 1]):
            return Summary(known.get(pk=pk).text, number_of_turns(branch[: place + 1]))
    return None


def number_of_turns(rows: Sequence[Message]) -> int:
    return sum(row.role == Message.Role.USER for row in rows)


def hash_of(rows: Sequence[Message]) -> str:
    """Stands for exactly these messages in this order."""
    return sha256(b"".join(row.pk.bytes for row in rows)).hexdigest()
