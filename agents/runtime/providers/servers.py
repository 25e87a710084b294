"""What this process knows of each server, shared by all clients of it."""

from dataclasses import dataclass, field

from agents.runtime.providers.breaker import CircuitBreaker
from agents.runtime.providers.lessons import Lessons
from agents.runtime.providers.pace import Pace


@dataclass(slots=True)
class Server:
    """One address. Without a breaker every call is tried."""

    breaker: CircuitBreaker | None = None
    pace: Pace = field(default_factory=Pace)
    lessons: dict[str, Lessons] = field(default_factory=dict)

    def lessons_of(self, model: str) -> Lessons:
        return self.lessons.setdefault(model, Lessons())


_servers: dict[str, Server] = {}


def server_at(base_url: str, *, guarded: bool = True) -> Server:
    """The one of this address, with a breaker where it is `guarded`."""
    return _servers.setdefault(base_url.rstrip("/"), Server(CircuitBreaker() if guarded else None))
