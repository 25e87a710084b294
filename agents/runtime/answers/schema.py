"""Whether a value conforms to the prompt's JSON Schema (draft 2020-12). Nothing is fetched, and no pattern can hang."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from agents.runtime.answers.patterns import PatternError, compile_pattern

LONGEST: Final = 300


def schema_problem(schema: Mapping[str, Any]) -> str:
    """Why a schema can't be used, as a sentence; empty when it can."""
    try:
        Draft202012Validator.check_schema(dict(schema))
        for pattern in _patterns(schema):
            compile_pattern(pattern)
    except SchemaError as error:
        return f"The output's schema is not a valid JSON Schema: {_short(error.message)}."
    except PatternError as error:
        return f"A pattern of the output's schema can't be used: {error}"
    except RecursionError:
        return "The output's schema is nested too deeply."
    return ""


def violation(value: Any, schema: Mapping[str, Any] | None) -> str:
    """What in a value is not as the schema says, in the validator's words; empty when it conforms."""
    if schema is None:
        return ""
    try:
        error = best_match(errors_of(value, schema))
    except RecursionError:
        return "the value or its schema is nested too deeply"
    except Unresolvable as error:
        return _short(f"the schema refers to something that isn't there: {error}")
    except ArithmeticError:
        return "a number is too large to be checked"
    if error is None:
        return ""
    place = error.json_path.removeprefix("$").lstrip(".")
    return _short(f"{place}: {error.message}" if place else error.message)


def errors_of(value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Everything in which a value is not as the schema says. Raises what `violation` handles, and PatternError."""
    errors: Iterator[ValidationError] = _Validator(dict(schema), registry=Registry()).iter_errors(value)
    return errors


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), Mapping):
            yield from schema["patternProperties"]
    children = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list | tuple) else ()
    for child in children:
        yield from _patterns(child)


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and compile_pattern(pattern).search(value) is None:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Mapping[str, Any], value: Any, _: Any) -> Iterator[ValidationError]:
    if isinstance(value, Mapping):
        for pattern, schema in patterns.items():
            compiled = compile_pattern(pattern)
            for name, content in value.items():
                if compiled.search(name):
                    yield from validator.descend(content, schema, path=name, schema_path=pattern)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# jsonschema matches patterns with Python's re, which backtracks. Its `extend` has no types.
_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": _pattern, "patternProperties": _pattern_properties}
)
