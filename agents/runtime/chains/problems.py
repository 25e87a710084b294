"""What is wrong with a chain: each problem with its code, its step and the key that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.runtime.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Problem:
    """Errors keep a chain from being saved; warnings don't. `row` counts the steps from 1; 0 is the chain itself."""

    code: str
    detail: str
    step: str = ""
    key: str = ""
    row: int = 0
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"Step “{self.step}”: {self.detail}" if self.step else self.detail


class ChainProblems(ConfigurationError):
    """A chain that can't be used, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = list(problems)
