"""What a strategy can be told: options with bounds and defaults, and the calls that it makes (agents.md A)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, Literal

from agents.runtime.errors import PromptError

MAX_SAMPLES: Final = 40  # as many as the paper of self-consistency takes
MAX_SUBQUESTIONS: Final = 8
MAX_REPAIRS: Final = 2

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "direct": (),
        "zero_shot_cot": ("trigger", "two_stage"),
        "few_shot_cot": (),
        "self_consistency": ("samples", "temperature", "pick", "min_agreement", "early_stop"),
        "least_to_most": ("max_subquestions",),
        "pal": ("repairs",),
    }
)


@dataclass(frozen=True, slots=True)
class StrategyOptions:
    """The options of all strategies; each reads its own.

    `trigger` is the sentence that asks for reasoning, empty for the usual one; `two_stage` asks for the answer in a
    second call. `samples` replies are drawn at `temperature`; `pick` says whether a vote or the model chooses among
    them, below `min_agreement` (a share from 0 to 1) the answer counts as unsure, and `early_stop` ends sampling once
    the vote is decided. `max_subquestions` bounds the decomposition, `repairs` how often a program is rewritten.
    """

    trigger: str = ""
    two_stage: bool = False
    samples: int = 5
    temperature: float = 0.7
    pick: Literal["vote", "model"] = "vote"
    min_agreement: float | None = None
    early_stop: bool = True
    max_subquestions: int = MAX_SUBQUESTIONS
    repairs: int = 1


def parse_options(strategy: str, options: Mapping[str, Any]) -> StrategyOptions:
    """A strategy's options; the first that can't be meant is refused. Those of other strategies are left alone."""
    for name, problem in option_problems(strategy, options):
        raise PromptError(f"bad_option:{name}", problem)
    own = {name: options[name] for name in OPTIONS.get(strategy, ()) if options.get(name) is not None}
    return StrategyOptions(**own)


def option_problems(strategy: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each option that can't be meant, and a sentence that says what it may be. None means the default."""
    for name in OPTIONS.get(strategy, ()):
        if options.get(name) is not None and (allowed := refusal(name, options[name])):
            yield name, f"The option {name} of {strategy} is {allowed}."


def unknown_options(strategy: str, options: Mapping[str, Any]) -> list[str]:
    """Options that no strategy has; those of another strategy are kept for when it is chosen again."""
    known = {field.name for field in fields(StrategyOptions)}
    return [name for name in options if name not in known]


def calls_of(strategy: str, options: StrategyOptions) -> tuple[int, int]:
    """How many model calls one answer takes, at least and at most (agents.md A.0, Costs)."""
    match strategy:
        case "zero_shot_cot":
            return (2, 2) if options.two_stage else (1, 1)
        case "self_consistency":
            judged = int(options.pick == "model")
            stops = options.early_stop and not judged
            return (options.samples // 2 + 1 if stops else options.samples) + judged, options.samples + judged
        case "least_to_most":
            return 2, 1 + options.max_subquestions
        case "pal":
            return 1, 1 + options.repairs
    return 1, 1


def refusal(name: str, value: Any) -> str:
    """What an option may be, where this value is none of that; else empty."""
    match name:
        case "samples":
            return "" if _whole(value, 1, MAX_SAMPLES) else f"a whole number from 1 to {MAX_SAMPLES}"
        case "max_subquestions":
            return "" if _whole(value, 1, MAX_SUBQUESTIONS) else f"a whole number from 1 to {MAX_SUBQUESTIONS}"
        case "repairs":
            return "" if _whole(value, 0, MAX_REPAIRS) else f"a whole number from 0 to {MAX_REPAIRS}"
        case "temperature":
            wanted = "a number above 0 and at most 2: at 0 all samples would be the same"
            return "" if _number(value) and 0 < value <= 2 else wanted
        case "min_agreement":
            return "" if _number(value) and 0 <= value <= 1 else "a number from 0 to 1"
        case "pick":
            return "" if value in ("vote", "model") else "vote or model"
        case "trigger":
            return "" if isinstance(value, str) else "a text"
    return "" if isinstance(value, bool) else "true or false"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
