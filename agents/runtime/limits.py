"""How far a run may go, and what happens when it gets there."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

OnLimit = Literal["generate", "force"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run (agents.md B.7). A limit of None is off; `max_cost` is in US dollars.

    `timeout_s` is in seconds from the run's beginning. The one last call isn't bound by it: its time is its own.

    `on_limit`: `generate` makes one last call for the best answer so far, `force` ends with a fixed sentence.
    """

    max_steps: int = 15
    timeout_s: float = 120
    max_total_tokens: int | None = 50_000
    max_cost: Decimal | None = None
    max_format_corrections: int = 4
    on_limit: OnLimit = "generate"
