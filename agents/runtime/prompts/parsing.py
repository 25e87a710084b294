"""From the file form of a prompt (a mapping, as YAML gives it) to a `PromptSpec`, or a refusal that says why."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from agents.runtime.answers import parse_output
from agents.runtime.errors import PromptError
from agents.runtime.prompts.spec import (
    BUILT_IN,
    FROM_AGENT,
    ROLES,
    SLOTS,
    STRATEGIES,
    TYPES,
    Example,
    ExampleTemplate,
    MessageTemplate,
    PromptSpec,
    Slot,
    Variable,
)
from agents.runtime.templates.formats import FORMATS, Format, parse_template

T = TypeVar("T")


def parse_prompt(data: Mapping[str, Any]) -> PromptSpec:
    """The first problem that leaves nothing to run is raised; `problems` lists what else is wrong."""
    template_format = _one_of("format", data.get("format") or "mustache", FORMATS)
    strategy: Any = data.get("strategy") or "direct"
    if strategy not in STRATEGIES:
        detail = f"The strategy “{strategy}” is not available. Strategies: {', '.join(STRATEGIES)}."
        raise PromptError("strategy_unavailable", detail)
    messages = tuple(_each("messages", data.get("messages"), _message))
    if not any(isinstance(message, MessageTemplate) for message in messages):
        raise PromptError("no_messages", "A prompt needs at least one message.")
    _check_syntax(messages, template_format)
    declared = tuple(_each("variables", data.get("variables"), _variable))
    return PromptSpec(
        messages=messages,
        format=template_format,
        variables=declared or tuple(_variables_of(messages, template_format)),
        example_template=_example_template(data.get("example"), template_format),
        examples=tuple(_each("examples", [e for e in data.get("examples") or [] if _enabled(e)], _example)),
        output=parse_output(data.get("output") or {}),
        strategy=strategy,
        strategy_options=_mapping("strategy_options", data.get("strategy_options")),
        parameters=_mapping("parameters", data.get("parameters")),
    )


def _each(key: str, items: Any, parse: Callable[[Mapping[str, Any], str], T]) -> Iterable[T]:
    if items is None:
        return
    if not isinstance(items, list | tuple):
        raise PromptError(f"bad_{key}", f"“{key}” is a list.")
    for number, item in enumerate(items, 1):
        where = f"{key.removesuffix('s')} {number}"
        if not isinstance(item, Mapping):
            raise PromptError(f"bad_{key}", f"{where.capitalize()} is an object with named fields.")
        yield parse(item, where)


def _one_of(key: str, value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise PromptError(f"bad_{key}", f"There is no {key} “{value}”. Possible: {', '.join(allowed)}.")
    return value


def _mapping(key: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PromptError(f"bad_{key}", f"“{key}” is an object with named fields.")
    return dict(value)


def _message(item: Mapping[str, Any], where: str) -> MessageTemplate | Slot:
    if "slot" in item:
        return Slot(_one_of("slot", item["slot"], SLOTS))
    role = _one_of("role", item.get("role"), ROLES)
    if not isinstance(item.get("content"), str) or not item["content"].strip():
        raise PromptError("bad_messages", f"{where.capitalize()} has no text.")
    return MessageTemplate(role, item["content"])


def _variable(item: Mapping[str, Any], where: str) -> Variable:
    name = item.get("name")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise PromptError("bad_variables", f"The name of {where} is made of letters, digits and _ only.")
    kind = _one_of("type", item.get("type") or "string", TYPES)
    default = item.get("default")
    choices = tuple(str(choice) for choice in item.get("choices") or ())
    if kind == "choice" and not choices:
        raise PromptError("bad_variables", f"The variable {name} is a choice and needs a list of choices.")
    max_length = item.get("max_length")
    if max_length is not None and not (isinstance(max_length, int) and max_length > 0):
        raise PromptError("bad_variables", f"The max_length of {name} is a positive number.")
    return Variable(
        name=name,
        type=kind,
        required=bool(item.get("required", default is None)) and default is None,
        default=default,
        description=str(item.get("description") or ""),
        max_length=max_length,
        choices=choices,
    )


def _example_template(item: Any, template_format: Format) -> ExampleTemplate:
    fields = _mapping("example", item)
    for side in ("user", "assistant"):
        text = fields.get(side)
        if text is not None and not isinstance(text, str):
            raise PromptError("bad_example", f"The {side} side of the example is a text.")
        _parse_or_name(text or "", template_format, f"example template ({side})")
    return ExampleTemplate(fields.get("user") or None, fields.get("assistant") or None)


def _enabled(item: Any) -> bool:
    return not isinstance(item, Mapping) or item.get("enabled", True) is not False


def _example(item: Mapping[str, Any], where: str) -> Example:
    inputs, output = item.get("inputs"), item.get("output")
    if not isinstance(inputs, Mapping):
        raise PromptError("bad_examples", f"The inputs of {where} are an object with named fields.")
    if output is None or output == "" or isinstance(output, Mapping | list):
        raise PromptError("bad_examples", f"The output of {where} is a text.")
    text = ("yes" if output else "no") if isinstance(output, bool) else str(output)
    return Example(dict(inputs), text, str(item.get("reasoning") or ""))


def _check_syntax(messages: Iterable[MessageTemplate | Slot], template_format: Format) -> None:
    for number, item in enumerate(messages, 1):
        if isinstance(item, MessageTemplate):
            _parse_or_name(item.content, template_format, f"message {number}")


def _parse_or_name(text: str, template_format: Format, where: str) -> None:
    """Parse for the errors alone, and say in which text they are."""
    try:
        parse_template(text, template_format)
    except PromptError as error:
        detail = f"{where.capitalize()}: {error.detail}"
        raise PromptError(error.code, detail, line=error.line, column=error.column) from None


def _variables_of(messages: Iterable[MessageTemplate | Slot], template_format: Format) -> Iterable[Variable]:
    """Where none are declared: every name in the messages. What only opens sections may be left out."""
    inserted: dict[str, bool] = {}
    for item in messages:
        if isinstance(item, MessageTemplate):
            template = parse_template(item.content, template_format)
            for use in template.uses:
                name = use.name.partition(".")[0]
                if name in template.variables:
                    inserted[name] = inserted.get(name, False) or (not use.section and not use.within)
    for name, required in inserted.items():
        if name not in BUILT_IN | FROM_AGENT:
            yield Variable(name) if required else Variable(name, "json", required=False)
