"""Function calls as they grow out of the pieces of a stream, also of servers that break the norm (agents.md B.10)."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from agents.runtime.llm import CallChunk, FunctionCall
from agents.runtime.text import clean


class CallAssembly:
    """The calls of one reply, in the order in which their names came: one that never has a name takes no place."""

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._calls: list[_Growing] = []
        self._named: list[_Growing] = []
        self._latest: dict[int | None, _Growing] = {}
        self._known: dict[tuple[int | None, str], _Growing] = {}

    def take(self, piece: Any, *, whole: bool = False) -> CallChunk | None:
        """One piece, and what there is to show of it. A `whole` one is a call of its own, whatever it says."""
        if not isinstance(piece, Mapping):
            return None
        index, id_ = piece.get("index"), _text(piece.get("id"))
        index = index if isinstance(index, int) else None
        function = piece.get("function")
        function = function if isinstance(function, Mapping) else {}
        name, arguments = _text(function.get("name")), _text(function.get("arguments"))
        call = None if whole else self._find(index, id_, name)
        if call is None:
            call = self._start(index)
        if id_:
            call.id = call.id or id_
            self._known[index, id_] = call
        call.add(name, arguments)
        return self._shown(call, arguments)

    def finished(self) -> tuple[FunctionCall, ...]:
        """All of them; one without an id gets one, one that never had a name is none."""
        return tuple(FunctionCall(call.id or _made_id(), call.name, call.arguments) for call in self._named)

    def _find(self, index: int | None, id_: str, name: str) -> "_Growing | None":
        """The call that a piece belongs to. Several servers say 0 for every index, so another id is another call."""
        if id_ and (index, id_) in self._known:
            return self._known[index, id_]
        latest = self._latest.get(index)
        if latest is None and index is None and self._calls:
            latest = self._calls[-1]
        if latest is None or (id_ and latest.id):
            return None
        # Neither index nor id: another name after arguments can only be another call.
        return None if index is None and not id_ and latest.is_followed_by(name) else latest

    def _start(self, index: int | None) -> "_Growing":
        call = _Growing()
        self._calls.append(call)
        self._latest[index] = call
        return call

    def _shown(self, call: "_Growing", arguments: str) -> CallChunk | None:
        """Nothing before the name is known; then all that has come so far."""
        if not call.name:
            return None
        if call.place is None:
            call.place = len(self._named)
            self._named.append(call)
            return CallChunk(call.place, call.name, call.arguments, self._choice)
        return CallChunk(call.place, "", arguments, self._choice) if arguments else None


class _Growing:
    """One call so far. It has a place among the calls once its name is known."""

    __slots__ = ("_parts", "id", "name", "place")

    def __init__(self) -> None:
        self.place: int | None = None
        self.id = ""
        self.name = ""
        self._parts: list[str] = []

    @property
    def arguments(self) -> str:
        return "".join(self._parts)

    def is_followed_by(self, name: str) -> bool:
        return bool(name and self.name and name != self.name and self._parts)

    def add(self, name: str, arguments: str) -> None:
        """A name comes once: servers repeat it with each piece, and hardly any sends it in pieces."""
        if name and name != self.name and not self._parts:
            self.name += name
        elif name and not self.name:
            self.name = name
        if arguments:
            self._parts.append(arguments)


def _text(value: Any) -> str:
    """Text as it is; arguments that were wrongly sent as an object, as JSON."""
    if isinstance(value, str):
        return clean(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else ""


def _made_id() -> str:
    return f"call_{secrets.token_hex(12)}"
