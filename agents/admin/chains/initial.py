"""What the editor's forms show of a stored definition."""

import json
from collections.abc import Mapping
from typing import Any

from agents.admin.chains.choices import BRANCH, FIXED
from agents.models import Chain
from agents.runtime.chains import ChainSpec
from agents.runtime.chains.spec import ChainStep, Source

INPUT_FIELDS = ("name", "description", "required", "default")


def settings_of(chain: Chain) -> dict[str, Any]:
    return {
        "name": chain.name,
        "slug": chain.slug,
        "description": chain.description,
        "output": chain.definition.get("output", ""),
        "memory": chain.definition.get("memory", ""),
    }


def inputs_of(chain: Chain) -> list[dict[str, Any]]:
    rows = chain.definition.get("inputs") or ["input"]
    return [_input({"name": row} if isinstance(row, str) else row) for row in rows]


def _input(row: Mapping[str, Any]) -> dict[str, Any]:
    extra = {key: value for key, value in row.items() if key not in INPUT_FIELDS}
    return {
        "name": row.get("name", ""),
        "description": row.get("description", ""),
        "required": row.get("required", True) and row.get("default") is None,
        "default": written(row.get("default")),
        "extra": extra or None,
    }


def steps_of(spec: ChainSpec | None) -> list[dict[str, Any]]:
    return [_step(step) for step in spec.steps] if spec else []


def _step(step: ChainStep) -> dict[str, Any]:
    own_title = step.id.replace("_", " ").casefold() != step.title.casefold()
    return {
        "id": step.id,
        "runs": BRANCH if step.kind == "branch" else f"{step.kind}:{step.target}",
        "field": step.options.get("field", ""),
        "separator": step.options.get("separator", ""),
        "cases": "\n".join(f"{label} = {arm}" for label, arm in step.cases.items()),
        "otherwise": step.otherwise,
        "title": step.title if own_title else "",
        "output": "" if step.output == step.id else step.output,
        "each": step.each,
        "at_once": step.at_once,
        "on_error": step.on_error,
        "default": written(step.default),
        "retries": step.retries,
        **_sources(step.sources),
    }


def _sources(sources: Mapping[str, Source]) -> dict[str, str]:
    shown = {}
    for name, source in sources.items():
        is_fixed = source.kind == "literal"
        shown[f"input-{name}"] = FIXED if is_fixed else str(source)
        if is_fixed:
            shown[f"fixed-{name}"] = written(source.value)
    return shown


def written(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
