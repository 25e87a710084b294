"""What the editor's forms say, in the keys of the prompt file."""

import json
from collections.abc import Mapping
from typing import Any

from agents.admin.prompts.forms import ExampleForm

PARSED_TYPES = ("number", "boolean", "json")


def plain_text(text: str) -> str:
    """Browsers send CR LF; prompts are kept with line feeds alone."""
    return text.replace("\r\n", "\n")


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def message_in(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["kind"]
    if kind.startswith("slot:"):
        name, _, needed = kind.removeprefix("slot:").partition(":")
        return {"slot": name, "optional": False} if needed else {"slot": name}
    return {"role": kind, "content": plain_text(row["content"])}


def variable_in(row: Mapping[str, Any]) -> dict[str, Any]:
    variable = {"name": row["name"], "type": row["type"] or "string", "required": row["required"]}
    if row["default"] != "":
        variable["default"] = read_value(row["default"], row["type"])
    return {**variable, **(row["extra"] or {})}


def example_in(form: ExampleForm, types: Mapping[str, str]) -> dict[str, Any]:
    row = form.cleaned_data
    texts = {column: plain_text(row[f"input-{column}"]) for column in form.columns}
    return {
        "inputs": {name: read_value(text, types.get(name, "string")) for name, text in texts.items() if text != ""},
        "reasoning": plain_text(row["reasoning"]),
        "output": plain_text(row["output"]),
        "enabled": row["enabled"],
        "source": row["source"],
    }


def read_value(text: str, value_type: str) -> Any:
    """Text stays text; numbers, truth values and JSON are read where the variable is declared as such."""
    if value_type not in PARSED_TYPES:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def output_in(values: Mapping[str, Any]) -> dict[str, Any]:
    kind, how = values["kind"], values["extract"]
    allowed = [line.strip() for line in values["choices"].splitlines() if line.strip()]
    output: dict[str, Any] = {"kind": kind}
    if kind in ("choice", "label"):
        output["choices" if kind == "choice" else "labels"] = allowed
    if "json" in (kind, how) and values["schema"]:
        output["schema"] = values["schema"]
    output["extract"] = {how: values["extract_argument"]} if how in ("after", "json", "regex") else how
    output["instruction"] = values["instruction"]
    return {name: value for name, value in output.items() if value != "auto"}
