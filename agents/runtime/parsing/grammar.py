"""What an agent that talks in plain text needs to know of its protocol."""

from collections.abc import Mapping
from typing import Protocol

from agents.runtime.parsing.incremental import Incremental
from agents.runtime.parsing.labels import Labels
from agents.runtime.parsing.results import AnyResult
from agents.runtime.tools import InputKind


class Grammar(Protocol):
    """One text protocol. It keeps no state, so one may serve any number of runs at once."""

    @property
    def name(self) -> str:
        """The type of agent that speaks it."""
        ...

    @property
    def stop(self) -> tuple[str, ...]:
        """Stop sequences, which end a reply where the model would begin to invent what it is told next."""
        ...

    @property
    def observation(self) -> str:
        """The label, with a space, behind which the model is told what its tool returned."""
        ...

    @property
    def labels(self) -> Labels:
        """What must not stand at the start of a line in anything that the model is told."""
        ...

    def parse(
        self, text: str, tools: Mapping[str, InputKind] | None = None, finish_reason: str | None = None
    ) -> AnyResult:
        """What a whole reply means. Never raises, whatever the text."""
        ...

    def incremental(self, tools: Mapping[str, InputKind] | None = None) -> Incremental:
        """A reader for one reply that is being written."""
        ...

    def up_to_action(self, text: str) -> str:
        """The model's own words up to and including its first action's input: what stays in the transcript."""
        ...

    def before_actions(self, text: str) -> str:
        """What is said before a reply turns to actions, without labels: for an answer asked for as plain text."""
        ...
