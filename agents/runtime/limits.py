"""How far a run may go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run (agents.md B.7). Money is not bounded yet; a limit of None is off."""

    max_steps: int = 15
    timeout_s: float = 120
    max_total_tokens: int | None = 50_000
    max_format_corrections: int = 4
