"""What a model is shown of a conversation: the branch above an answer, as message objects."""

from uuid import UUID

from agents.runtime.llm import Message as Turn
from agents.runtime.memory import Buffer
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
    return list(Buffer().select([Turn(rows[pk].role, rows[pk].content) for pk in reversed(branch)]).messages)
