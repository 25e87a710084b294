"""A request made to fit the model's window (agents.md C.5): what gives way, in which order, and what is said about it.

A pure function of the request: the run's transcript stays whole, and every call fits it anew.
"""

from dataclasses import dataclass, field, replace
from itertools import accumulate

from agents.runtime.errors import ModelError
from agents.runtime.events import Notice
from agents.runtime.llm import Request
from agents.runtime.memory.blocks import Block, Kind, blocks_of, messages_of
from agents.runtime.memory.policies import TRIMMED
from agents.runtime.memory.turns import first_kept, shortened
from agents.runtime.memory.words import counted
from agents.runtime.tokens import estimated, estimated_request

RESERVE_SHARE, LEAST_RESERVE = 0.05, 256
# An answer's limit beyond this leaves no room to ask anything.
MOST_OUTPUT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request that fits, and what had to go, in words; None where all of it stayed."""

    request: Request
    notice: Notice | None = None


def room_in(window: int, max_output: int) -> int:
    """Tokens that a prompt may have beside its answer and a reserve for what the estimate misses."""
    return window - max_output - max(LEAST_RESERVE, round(window * RESERVE_SHARE))


def most_output(window: int, max_tokens: int | None) -> int | None:
    return None if max_tokens is None else min(max_tokens, int(window * MOST_OUTPUT_SHARE))


def fit(request: Request, room: int) -> Fitted:
    """The request in at most `room` estimated tokens. Raises ModelError `context_overflow` where that can't be done."""
    size = estimated_request(request)
    if size <= room:
        return Fitted(request)
    trimming = _Trimming(blocks_of(request.messages), size - room)
    trimming.run()
    fitted = replace(request, messages=messages_of(trimming.blocks))
    if estimated_request(fitted) > room:
        raise ModelError(
            "context_overflow",
            f"This is too long for the model: it needs about {size:,} tokens, of which {max(0, room):,} fit. "
            "Shorten the message, or choose an agent with a larger model.",
        )
    return Fitted(fitted, Notice(TRIMMED, " ".join(trimming.told)))


@dataclass(slots=True)
class _Trimming:
    """Blocks that give way, stage by stage, until nothing is `over` any more."""

    blocks: list[Block]
    over: int
    told: list[str] = field(default_factory=list)

    def run(self) -> None:
        stages = (self._older_results, self._history, self._examples, self._older_steps, self._newest_results)
        for stage in stages:
            if self.over > 0:
                stage()

    def _of(self, kind: Kind) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]

    def _tell(self, done: str, things: str) -> None:
        """Without the number of results and steps, which grows with every call: a run says the same thing once."""
        self.told.append(f"{done} {things} to fit the model's context.")

    def _older_results(self) -> None:
        """Oldest first; the newest step's are what the model is about to read."""
        before = self.over
        for step in self._of("step")[:-1]:
            if self.over > 0:
                self.over -= step.shorten_results()
        if self.over < before:
            self._tell("Shortened", "earlier results")

    def _history(self) -> None:
        """Whole turns, oldest first, and some more than needed, so that the next calls begin with the same text."""
        turns = self._of("history")
        sizes = [turn.size for turn in turns]
        room = sum(sizes) - self.over
        first = first_kept(sizes, room) if room > 0 else len(turns)
        if sum(sizes[first:]) > room:
            first = len(turns)
        if first:
            self._drop(turns[:first])
            self._tell("Left out", counted(sum(len(turn.messages) for turn in turns[:first]), "earlier message"))

    def _examples(self) -> None:
        """The last first: a selector puts those in front that matter most."""
        dropped = 0
        for example in reversed(self._of("example")):
            if self.over > 0:
                self._drop([example])
                dropped += 1
        if dropped:
            self._tell("Left out", counted(dropped, "example"))

    def _older_steps(self) -> None:
        """Call and result together, oldest first; the step after them begins with a line about it."""
        steps = self._of("step")
        freed = accumulate(step.size for step in steps[:-1])
        enough = (n for n, tokens in enumerate(freed, 1) if tokens - _size_of_line(steps[:n]) >= self.over)
        gone = steps[: next(enough, max(0, len(steps) - 1))]
        if gone:
            self._drop(gone)
            self.over += _size_of_line(gone)
            follower = steps[len(gone)].messages
            follower[0] = replace(follower[0], content=f"{_line_about(gone)}\n{follower[0].content}".strip())
            self._tell("Left out", "earlier steps")

    def _newest_results(self) -> None:
        """Results of called functions alone: a text protocol's last observation is a user's message, and stays."""
        for step in self._of("step")[-1:]:
            before = step.size
            step.messages = list(shortened(step.messages, before - self.over, roles=("tool",)))
            if step.size < before:
                self.over -= before - step.size
                self._tell("Shortened", "the last results")

    def _drop(self, gone: list[Block]) -> None:
        self.over -= sum(block.size for block in gone)
        places = {id(block) for block in gone}
        self.blocks = [block for block in self.blocks if id(block) not in places]


def _line_about(steps: list[Block]) -> str:
    tools = list(dict.fromkeys(name for step in steps for name in step.tools()))
    used = f"; tools used: {', '.join(tools)}" if tools else ""
    return f"[{counted(len(steps), 'earlier step')} left out{used}]"


def _size_of_line(steps: list[Block]) -> int:
    return estimated(_line_about(steps)) + 1
