"""What two versions of a prompt say differently, message by message and example by example."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from agents.models import PromptVersion
from agents.services.prompts.content import content_of

Kind = Literal["added", "removed", "changed", "same"]
USUAL = {"output: extract": "auto", "output: instruction": "auto"}  # said or left out, it is the same
SETTINGS = ("format", "variables", "example", "strategy", "strategy_options", "output", "model", "parameters")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text diff: kept ("same"), only in the new text ("added"), only in the old one ("removed")."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One message or example, before and after; `title` is its role, slot or place."""

    kind: Kind
    title: str
    old: str
    new: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One entry of a setting, before and after; empty where there is none."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Diff:
    """Every message and example in order, kept ones too; only the settings that differ."""

    messages: tuple[Change, ...]
    examples: tuple[Change, ...]
    settings: tuple[Setting, ...]

    @property
    def is_empty(self) -> bool:
        return not self.settings and all(change.kind == "same" for change in (*self.messages, *self.examples))


def differences(old: PromptVersion, new: PromptVersion) -> Diff:
    return compared(content_of(old), content_of(new))


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Diff:
    """The differences of two contents, in the keys of the prompt file."""
    return Diff(
        messages=_changes(before["messages"], after["messages"], key=_role, title=_role, text=_message_text),
        examples=_changes(
            before.get("examples", []), after.get("examples", []), key=_inputs, title=_inputs, text=_example_text
        ),
        settings=tuple(setting for name in SETTINGS for setting in _settings(name, before.get(name), after.get(name))),
    )


def _settings(name: str, old: Any, new: Any) -> list[Setting]:
    """What differs of one setting: entry by entry where it has several."""
    before, after = _entries(name, old), _entries(name, new)
    return [
        Setting(key, _shown(before.get(key)), _shown(after.get(key)))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]


def _entries(name: str, value: Any) -> dict[str, Any]:
    """Each entry under a name such as “parameters: temperature” or “variables: text”."""
    if isinstance(value, dict):
        return {f"{name}: {key}": entry for key, entry in value.items() if entry != USUAL.get(f"{name}: {key}")}
    if isinstance(value, list) and all(isinstance(entry, dict) and "name" in entry for entry in value):
        return {f"{name}: {entry['name']}": {k: v for k, v in entry.items() if k != "name"} for entry in value}
    return {} if value is None else {name: value}


def _changes(
    old: Sequence[Any],
    new: Sequence[Any],
    *,
    key: Callable[[Any], str],
    title: Callable[[Any], str],
    text: Callable[[Any], str],
) -> tuple[Change, ...]:
    """Items with the same key are one item; the rest came or went."""
    changes: list[Change] = []
    matcher = SequenceMatcher(None, [key(item) for item in old], [key(item) for item in new], autojunk=False)
    for operation, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if operation == "equal":
            pairs = zip(old[old_from:old_to], new[new_from:new_to], strict=True)
            changes += [_pair(title(after), text(before), text(after)) for before, after in pairs]
            continue
        changes += [_change("removed", title(item), text(item), "") for item in old[old_from:old_to]]
        changes += [_change("added", title(item), "", text(item)) for item in new[new_from:new_to]]
    return tuple(changes)


def _pair(title: str, old: str, new: str) -> Change:
    return _change("same" if old == new else "changed", title, old, new)


def _change(kind: Kind, title: str, old: str, new: str) -> Change:
    return Change(kind, title, old, new, _lines(old, new))


def _lines(old: str, new: str) -> tuple[Line, ...]:
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            lines += [Line("same", text) for text in before[a:b]]
            continue
        lines += [Line("removed", text) for text in before[a:b]]
        lines += [Line("added", text) for text in after[c:d]]
    return tuple(lines)


def _role(message: dict[str, Any]) -> str:
    return f"slot {message['slot']}" if "slot" in message else str(message.get("role", "message"))


def _message_text(message: dict[str, Any]) -> str:
    return str(message.get("content", ""))


def _inputs(example: dict[str, Any]) -> str:
    values = example["inputs"].values()
    return " · ".join(value if isinstance(value, str) else _shown(value) for value in values)


def _example_text(example: dict[str, Any]) -> str:
    return "\n".join(part for part in (example.get("reasoning", ""), example["output"]) if part)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(entry)}" for key, entry in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
