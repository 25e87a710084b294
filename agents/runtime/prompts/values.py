"""The values of a prompt's variables: defaults filled in, types checked, everything missing named at once."""

import json
from collections.abc import Mapping
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.prompts.spec import PromptSpec, Variable
from agents.runtime.templates.base import missing


def fill(spec: PromptSpec, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every variable. What is given beyond them stays, as sections may use it."""
    given = {name: value for name, value in inputs.items() if value is not None}
    if absent := [v.name for v in spec.variables if v.required and v.name not in given]:
        raise missing(absent)
    filled: dict[str, Any] = dict(given)
    for variable in spec.variables:
        if variable.name in given:
            filled[variable.name] = checked(variable, given[variable.name])
        else:
            filled[variable.name] = "" if variable.default is None else variable.default
    return filled


def checked(variable: Variable, value: Any) -> Any:
    """The value as its declared type, or a refusal that says what was expected."""
    match variable.type:
        case "string":
            return _string(variable, value)
        case "number":
            return _number(variable, value)
        case "boolean":
            return _boolean(variable, value)
        case "choice":
            if str(value) not in variable.choices:
                raise _bad(variable, f"one of {', '.join(variable.choices)}")
            return str(value)
        case "json":
            return _json(variable, value)


def _string(variable: Variable, value: Any) -> Any:
    if variable.max_length is not None and len(str(value)) > variable.max_length:
        raise _bad(variable, f"at most {variable.max_length} characters long, but has {len(str(value))}")
    return value


def _number(variable: Variable, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        float(str(value))
    except ValueError:
        raise _bad(variable, "a number") from None
    return str(value).strip()


def _boolean(variable: Variable, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "false": False, "no": False}
    if str(value).strip().lower() not in words:
        raise _bad(variable, "true or false")
    return words[str(value).strip().lower()]


def _json(variable: Variable, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise _bad(variable, "JSON") from None


def _bad(variable: Variable, expected: str) -> PromptError:
    return PromptError(f"bad_value:{variable.name}", f"The value of {variable.name} must be {expected}.")
