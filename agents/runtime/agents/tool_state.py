"""What one call of a tool does to the state that the tools of its run share."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_MISSING = object()


class Before:
    """The state as it was before a call."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._values = dict(state)
        self._copies = deepcopy(self._values)

    def set_until(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """What is new in the state now. A new value that equals the old one is new, too: it has to be set once more
        where others came between.
        """
        return deepcopy({name: value for name, value in state.items() if self._is_new(name, value)})

    def _is_new(self, name: str, value: Any) -> bool:
        return value is not self._values.get(name, _MISSING) or value != self._copies[name]
