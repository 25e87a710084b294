"""Prompt files as YAML text, read and written as people write them."""

import json
from typing import Any

import yaml

from agents.runtime.errors import PromptError


class _Loader(yaml.SafeLoader):
    """YAML without dates: a prompt that says 2024-01-01 means these characters."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """YAML with texts of several lines as blocks."""


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def from_yaml(text: str) -> Any:
    """What a file says; PromptError with the line where it is no YAML."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 a SafeLoader without dates
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise PromptError("not_yaml", f"This is not YAML: {problem}.", line=line, column=column) from error


def from_json(text: str) -> Any:
    """The same for JSON, which isn't always YAML: it may be indented by tabs."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        detail = f"This is not JSON: {error.msg}."
        raise PromptError("not_json", detail, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise PromptError("not_json", "This is nested too deeply.") from error


def to_yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
