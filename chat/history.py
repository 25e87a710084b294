"""What a model is shown of a conversation: the branch above an answer, as message objects."""

from uuid import UUID

from agents.runtime.llm import Message as Turn
from agents.runtime.memory import buffer
from chat.models import Message, Run


def turns_before(run: Run) -> list[Turn]:
    """The branch that leads to this run's answer, ending with the person's message."""
    parents: dict[UUID, UUID | None] = dict(run.conversation.messages.values_list("pk", "parent_id"))
    branch = []
    at = run.answer.parent_id
    while at is not None:
        branch.append(at)
        at = parents[at]
    rows = Message.objects.in_bulk(branch)
    turns = [Turn(rows[pk].role, rows[pk].content) for pk in reversed(branch)]
    # An answer that failed before its first word has nothing to show a model.
    return buffer([turn for turn in turns if turn.content])
