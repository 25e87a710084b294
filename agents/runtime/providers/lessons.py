"""What a model's server taught by refusing it. Kept for all clients of the process; who has a database may store it.

A lesson is named like the field of `Capabilities` that it corrects, or like a parameter of the API. Beside those:
`stream_usage`, `max_tokens_param`, `stream` (False: replies come whole), `temperature_zero` (False: only above 0) and
`context_window`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

from agents.runtime.llm import Capabilities

CAPABILITIES = tuple(field.name for field in fields(Capabilities))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What holds instead of what was assumed, and since when that is known."""

    value: Any
    learned_on: date


class Lessons:
    """All lessons about one model at one server. `on_change` hears the name of a new one, and must wait for nothing.

    `window_said` is what was said of the window when its lesson was learned; `forgotten` is when staff last wanted all
    of them forgotten, as an ISO time.
    """

    def __init__(self, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self.on_change: Callable[[str], None] | None = None
        self.version = 0
        self.window_said: int | None = None
        self.forgotten = ""
        self._today = today
        self._known: dict[str, Lesson] = {}

    def get(self, name: str, default: Any = None) -> Any:
        lesson = self._known.get(name)
        return default if lesson is None else lesson.value

    def refuses(self, name: str) -> bool:
        return self.get(name) is False

    def all(self) -> Mapping[str, Lesson]:
        return dict(self._known)

    def learn(self, name: str, value: Any) -> None:
        self._replace({**self._known, name: Lesson(value, self._today())})
        if self.on_change is not None:
            self.on_change(name)

    def recall(self, stored: Mapping[str, Lesson]) -> None:
        """Take over what was learned before; what this process learned itself is newer."""
        self._replace({**stored, **self._known})

    def forget(self, *names: str) -> None:
        """Somebody knows better, or it is found out anew."""
        self._replace({name: lesson for name, lesson in self._known.items() if name not in names})

    def follow(self, *, window_said: int | None, forgotten: str) -> bool:
        """Forget what staff have made void since the last time; whether that was all of it."""
        all_of_it = forgotten > self.forgotten
        if all_of_it:
            self.forget(*self._known)
            self.forgotten = forgotten
        if window_said != self.window_said:
            self.forget("context_window")
            self.window_said = window_said
        return all_of_it

    def _replace(self, known: dict[str, Lesson]) -> None:
        self._known = known
        self.version += 1
