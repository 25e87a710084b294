"""What a version says, as the editor's forms begin with it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from agents.models import PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.templates.formats import parse_template

# Filled by the agent, not by whoever asks.
PROVIDED = ("tools", "tool_names")


def columns_of(version: PromptVersion) -> list[str]:
    """One column a variable: declared ones first, then those the templates use and the examples have."""
    names = [str(variable.get("name", "")) for variable in version.variables]
    names += _used(version.messages, version.format)
    names += [name for example in version.examples.all() for name in example.inputs]
    return [name for name in dict.fromkeys(names) if name and name not in PROVIDED]


def _used(messages: Iterable[Mapping[str, Any]], template_format: str) -> list[str]:
    names: list[str] = []
    for message in messages:
        try:
            names += sorted(parse_template(str(message.get("content", "")), template_format, None).variables)
        except PromptError:
            continue
    return names


def settings_of(version: PromptVersion) -> dict[str, Any]:
    output, parameters = version.output, dict(version.parameters)
    extract = output.get("extract", "auto")
    how, argument = next(iter(extract.items())) if isinstance(extract, dict) else (extract, "")
    return {
        "format": version.format,
        "model": version.model,
        "temperature": parameters.pop("temperature", None),
        "max_tokens": parameters.pop("max_tokens", None),
        "other_parameters": parameters,
        "kind": output.get("kind", "text"),
        "choices": "\n".join(map(str, output.get("choices") or output.get("labels") or [])),
        "schema": output.get("schema"),
        "extract": how,
        "extract_argument": argument,
        "instruction": output.get("instruction", "auto"),
        "example_user": version.example_template.get("user", ""),
        "example_assistant": version.example_template.get("assistant", ""),
        "commit_message": version.commit_message,
    }


def messages_of(version: PromptVersion) -> list[dict[str, Any]]:
    return [
        {
            "kind": _slot(message) if "slot" in message else message.get("role", "user"),
            "content": message.get("content", ""),
        }
        for message in version.messages
    ]


def _slot(message: Mapping[str, Any]) -> str:
    return f"slot:{message['slot']}" + (":needed" if message.get("optional", True) is False else "")


def variables_of(version: PromptVersion) -> list[dict[str, Any]]:
    known = ("name", "type", "required", "default")
    return [
        {
            "name": variable.get("name"),
            "type": variable.get("type", "string"),
            "required": variable.get("required", True),
            "default": variable.get("default", ""),
            "extra": {key: value for key, value in variable.items() if key not in known} or None,
        }
        for variable in version.variables
    ]


def examples_of(version: PromptVersion) -> list[dict[str, Any]]:
    return [
        {
            **{f"input-{name}": shown(value) for name, value in example.inputs.items()},
            "reasoning": example.reasoning,
            "output": example.output,
            "enabled": example.enabled,
            "source": example.source,
        }
        for example in version.examples.all()
    ]


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
