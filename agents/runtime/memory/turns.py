"""Turns: what a person said with everything up to their next message. Nothing smaller is ever left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.runtime.llm import Message, Role
from agents.runtime.observations import clipped
from agents.runtime.tokens import estimated_message

Turn = tuple[Message, ...]

# When a limit is passed, so much of it is kept: the beginning then stays the same for several turns, for prompt caches.
KEPT_SHARE = 0.75
SHORTEST = 40  # characters that are left of a text at least


@dataclass(frozen=True, slots=True)
class Branch:
    """Earlier messages: instructions among them, what an agent said before any person did, and the turns."""

    system: Turn
    lead: Turn
    turns: tuple[Turn, ...]

    def since(self, first: int) -> list[Message]:
        """The messages from a turn on. A model never sees an answer first, unless that is how all began."""
        lead = self.lead if first == 0 else ()
        return [*self.system, *lead, *(message for turn in self.turns[first:] for message in turn)]

    def count_before(self, first: int) -> int:
        """How many messages stand before a turn."""
        return len(self.lead) + sum(len(turn) for turn in self.turns[:first]) if first else 0


def branch_of(messages: Sequence[Message]) -> Branch:
    """Answers without text (stopped before the first word) are no messages: several servers would refuse them."""
    spoken = [message for message in messages if message.content.strip() or message.calls or message.role == "tool"]
    lead: list[Message] = []
    turns: list[list[Message]] = []
    for message in spoken:
        if message.role == "system":
            continue
        if message.role == "user":
            turns.append([message])
        else:
            (turns[-1] if turns else lead).append(message)
    system = tuple(message for message in spoken if message.role == "system")
    return Branch(system, tuple(lead), tuple(tuple(turn) for turn in turns))


def size_of(turn: Sequence[Message]) -> int:
    """In estimated tokens."""
    return sum(estimated_message(message) for message in turn)


def first_kept(sizes: Sequence[int], most: int) -> int:
    """The first of the newest turns that together keep to `most` tokens; the newest is always among them.

    Found by going through the conversation as it grew, so that a new turn never brings back an older one.
    """
    first = total = 0
    for number, size in enumerate(sizes):
        total += min(size, most)
        if total > most:
            while first < number and total > most * KEPT_SHARE:
                total -= min(sizes[first], most)
                first += 1
    return first


def shortened(messages: Sequence[Message], most: int, *, roles: Sequence[Role] = ("user", "assistant", "tool")) -> Turn:
    """The messages within `most` tokens where possible: texts of these roles are cut in the middle, in proportion."""
    cut, share = tuple(messages), most / max(1, size_of(messages))
    while size_of(cut) > most and share > 0.001:
        cut = tuple(_cut(message, share) if message.role in roles else message for message in messages)
        share *= 0.8
    return cut


def _cut(message: Message, share: float) -> Message:
    most = max(SHORTEST, int(len(message.content) * share))
    return replace(message, content=clipped(message.content, most=most))
