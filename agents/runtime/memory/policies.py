"""Memory without a model's help: all turns, the last few, or as many of the newest as a number of tokens holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.runtime.events import Notice
from agents.runtime.llm import Message
from agents.runtime.memory.turns import branch_of, first_kept, shortened, size_of
from agents.runtime.memory.words import counted

TRIMMED = "memory_trimmed"
SHORTENED = "Shortened messages that are too long for this agent's memory."


@dataclass(frozen=True, slots=True)
class Selection:
    """What the model sees of the earlier messages, how many of them it doesn't, and the word about it."""

    messages: tuple[Message, ...]
    dropped: int = 0
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Buffer:
    """All turns. When they are too many for the model, `context.fit` leaves out the oldest."""

    def select(self, messages: Sequence[Message]) -> Selection:
        return Selection(tuple(branch_of(messages).since(0)))


@dataclass(frozen=True, slots=True)
class Window:
    """The last turns; a message that nobody answered is one too."""

    turns: int = 5

    def select(self, messages: Sequence[Message]) -> Selection:
        branch = branch_of(messages)
        first = max(0, len(branch.turns) - self.turns)
        remembers = f"the last {counted(self.turns, 'turn', bare=True)}" if self.turns else "no earlier turns"
        return _selection(branch.since(first), branch.count_before(first), f": this agent remembers {remembers}")


@dataclass(frozen=True, slots=True)
class TokenBuffer:
    """The newest turns within a number of tokens. One that alone is too long is cut in the middle."""

    max_tokens: int = 2000

    def select(self, messages: Sequence[Message]) -> Selection:
        branch = branch_of(messages)
        first = first_kept([size_of(turn) for turn in branch.turns], self.max_tokens)
        whole = branch.since(first)
        kept = within(whole, self.max_tokens) if first == len(branch.turns) - 1 else whole
        why = f": this agent remembers {self.max_tokens:,} tokens"
        return _selection(kept, branch.count_before(first), why, is_shortened=kept != whole)


def within(messages: Sequence[Message], most: int) -> list[Message]:
    """The messages, their texts cut where they need more than `most` tokens; instructions stay as they are."""
    system = [message for message in messages if message.role == "system"]
    spoken = [message for message in messages if message.role != "system"]
    return [*system, *shortened(spoken, most)]


def _selection(messages: Sequence[Message], dropped: int, why: str, *, is_shortened: bool = False) -> Selection:
    left_out = f"Left out the first {counted(dropped, 'message', bare=True)} of this chat{why}."
    return Selection(tuple(messages), dropped, trimmed(left_out if dropped else "", is_shortened=is_shortened))


def trimmed(left_out: str, *, is_shortened: bool) -> Notice | None:
    """The word about what a model doesn't see; None where that is nothing."""
    told = " ".join(part for part in (left_out, SHORTENED if is_shortened else "") if part)
    return Notice(TRIMMED, told) if told else None
