"""An agent's memory setting, read from its JSON and checked."""

from collections.abc import Mapping
from typing import Any, get_args

from agents.runtime.errors import ConfigurationError
from agents.runtime.memory.policies import Buffer, TokenBuffer, Window
from agents.runtime.memory.summaries import RunningSummary, SummaryBuffer
from agents.runtime.prompts import PromptSpec

MemoryPolicy = Buffer | Window | TokenBuffer | RunningSummary | SummaryBuffer

POLICIES: dict[str, type[MemoryPolicy]] = dict(
    zip(("buffer", "window", "token_buffer", "summary", "summary_buffer"), get_args(MemoryPolicy), strict=True)
)
SETTINGS = ("policy", "turns", "max_tokens", "model")
# They answer one question, and know what was said before only where their prompt has a place for it.
ONE_QUESTION = frozenset({"zero-shot-react-description", "react-docstore", "self-ask-with-search"})
BOUNDS = {"turns": (0, 1000), "max_tokens": (200, 1_000_000)}


def parse_memory(setting: Mapping[str, Any]) -> MemoryPolicy:
    """The policy of `{"policy": "window", "turns": 5}`; empty is `buffer`. Raises ConfigurationError.

    `turns` belongs to `window`, `max_tokens` to `token_buffer` and `summary_buffer`, `model` to the summaries: a slug
    or a model's id, empty for the agent's own. What another policy has may stand there too; null is the default.
    """
    if not isinstance(setting, Mapping):
        raise ConfigurationError('The memory is set by a JSON object, such as {"policy": "window", "turns": 5}.')
    unknown = [str(name) for name in setting if name not in SETTINGS]
    if unknown:
        raise ConfigurationError(f"Memory has no setting “{unknown[0]}”. Settings: {', '.join(SETTINGS)}.")
    given = {name: value for name, value in setting.items() if value not in (None, "")}
    named = given.pop("policy", "buffer")
    policy = POLICIES.get(named) if isinstance(named, str) else None
    if policy is None:
        raise ConfigurationError(f"There is no memory “{named}”. Choose one of: {', '.join(POLICIES)}.")
    for name, value in given.items():
        _check(name, value)
    return policy(**{name: value for name, value in given.items() if name in policy.__dataclass_fields__})


def sees_history(agent_type: str, prompt: PromptSpec) -> bool:
    """Whether an agent of this type is shown what its memory selects."""
    return agent_type not in ONE_QUESTION or prompt.has_slot("history")


def _check(name: str, value: Any) -> None:
    if name == "model":
        if not isinstance(value, str):
            raise ConfigurationError("The memory's model is the slug or the id of a model, in quotes.")
        return
    least, most = BOUNDS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ConfigurationError(f"The memory's {name} must be a whole number from {least:,} to {most:,}.")
