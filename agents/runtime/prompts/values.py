"""The values of a prompt's variables: defaults filled in, types checked, everything missing named at once."""

import json
import math
from collections.abc import Mapping
from typing import Any

from agents.runtime.errors import PromptError
from agents.runtime.prompts.spec import PromptSpec, Variable
from agents.runtime.templates.base import missing, written


def fill(spec: PromptSpec, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every variable: what is given, else the partial, else the default.

    What is given beyond them stays, as sections may use it.
    """
    given = _without_none(inputs)
    rest = {name: value for name, value in spec.partials.items() if name not in given}
    given |= _without_none({name: value() if callable(value) else value for name, value in rest.items()})
    if absent := [v.name for v in spec.variables if v.required and v.name not in given]:
        raise missing(absent)
    types = {variable.name: variable for variable in spec.variables}
    values = {name: checked(types[name], value) if name in types else value for name, value in given.items()}
    return {**defaults_of(spec), **values}


def defaults_of(spec: PromptSpec) -> dict[str, Any]:
    """What stands for the variables that may be left out."""
    optional = [variable for variable in spec.variables if not variable.required]
    return {v.name: "" if v.default is None else checked(v, v.default) for v in optional}


def extra_values(spec: PromptSpec, inputs: Mapping[str, Any]) -> list[str]:
    """Names of given values that nothing in the prompt uses: no error, but probably a slip."""
    known = spec.used_names | {variable.name for variable in spec.variables}
    return [name for name, value in inputs.items() if value is not None and name not in known]


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


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
            if written(value) not in variable.choices:
                raise _bad(variable, f"one of {', '.join(variable.choices)}")
            return written(value)
        case "json":
            return _json(variable, value)


def _string(variable: Variable, value: Any) -> Any:
    if variable.max_length is not None and (length := len(written(value))) > variable.max_length:
        raise _bad(variable, f"at most {variable.max_length} characters long, but has {length}")
    return value


def _number(variable: Variable, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        finite = not isinstance(value, bool) and math.isfinite(float(str(value)))
    except ValueError:
        finite = False
    if not finite:
        raise _bad(variable, "a number")
    return value if isinstance(value, float) else str(value).strip()


def _boolean(variable: Variable, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "false": False, "no": False}
    word = written(value).strip().lower()
    if word not in words:
        raise _bad(variable, "true or false")
    return words[word]


def _json(variable: Variable, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise _bad(variable, "JSON") from None


def _bad(variable: Variable, expected: str) -> PromptError:
    return PromptError(f"bad_value:{variable.name}", f"The value of {variable.name} must be {expected}.")
