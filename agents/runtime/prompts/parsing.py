"""From the file form of a prompt (a mapping, as YAML gives it) to a `PromptSpec`, or a refusal that says why."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from agents.runtime.answers import parse_output
from agents.runtime.errors import PromptError
from agents.runtime.prompts.example_parsing import parse_example_template
from agents.runtime.prompts.fields import mapping_of, one_of
from agents.runtime.prompts.including import EXAMPLE_TEXTS, Included
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
from agents.runtime.templates.base import written
from agents.runtime.templates.formats import FORMATS, Format, Includes, parse_template

T = TypeVar("T")


def parse_prompt(data: Mapping[str, Any], includes: Mapping[str, Included] | None = None) -> PromptSpec:
    """The first problem that leaves nothing to run is raised; `problems` lists what else is wrong.

    `includes` has the prompts that this one includes, at all levels, by the references in the texts (`slug@3`).
    """
    includes = includes or {}
    texts: Includes = tuple((reference, included.text) for reference, included in includes.items())
    template_format = one_of("format", data.get("format") or "mustache", FORMATS)
    strategy: Any = data.get("strategy") or "direct"
    if strategy not in STRATEGIES:
        detail = f"The strategy “{strategy}” is not available. Strategies: {', '.join(STRATEGIES)}."
        raise PromptError("strategy_unavailable", detail)
    messages = tuple(_each("messages", data.get("messages"), _message))
    if not any(isinstance(message, MessageTemplate) for message in messages):
        raise PromptError("no_messages", "A prompt needs at least one message.")
    _check_syntax(messages, template_format, texts)
    declared = tuple(_each("variables", data.get("variables"), _variable))
    brought = [variable for included in includes.values() for variable in _brought(included)]
    return PromptSpec(
        messages=messages,
        format=template_format,
        variables=_together(declared or _inferred(messages, template_format, texts, brought), brought),
        example_template=_example_template(data.get("example"), template_format, texts),
        examples=tuple(_each("examples", _enabled(data.get("examples")), _example)),
        output=parse_output(data.get("output") or {}),
        strategy=strategy,
        strategy_options=mapping_of("strategy_options", data.get("strategy_options")),
        parameters=mapping_of("parameters", data.get("parameters")),
        includes=texts,
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


def _message(item: Mapping[str, Any], where: str) -> MessageTemplate | Slot:
    if "slot" in item:
        return Slot(one_of("slot", item["slot"], SLOTS), optional=item.get("optional", True) is not False)
    role = one_of("role", item.get("role"), ROLES)
    if not isinstance(item.get("content"), str) or not item["content"].strip():
        raise PromptError("bad_messages", f"{where.capitalize()} has no text.")
    return MessageTemplate(role, item["content"])


def _variable(item: Mapping[str, Any], where: str) -> Variable:
    name = item.get("name")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise PromptError("bad_variables", f"The name of {where} is made of letters, digits and _ only.")
    kind = one_of("type", item.get("type") or "string", TYPES)
    default = item.get("default")
    choices = item.get("choices") or ()
    if not isinstance(choices, list | tuple):
        raise PromptError("bad_variables", f"The choices of {name} are a list.")
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
        choices=tuple(written(choice) for choice in choices),
    )


def _example_template(item: Any, template_format: Format, includes: Includes) -> ExampleTemplate:
    template = parse_example_template(item)
    for side in EXAMPLE_TEXTS:
        _parse_or_name(getattr(template, side) or "", template_format, includes, f"example template ({side})")
    return template


def _enabled(examples: Any) -> Any:
    """Without those that are switched off."""
    if not isinstance(examples, list | tuple):
        return examples
    return [item for item in examples if not isinstance(item, Mapping) or item.get("enabled", True) is not False]


def _example(item: Mapping[str, Any], where: str) -> Example:
    inputs, output = item.get("inputs"), item.get("output")
    if not isinstance(inputs, Mapping):
        raise PromptError("bad_examples", f"The inputs of {where} are an object with named fields.")
    if output is None or output == "" or isinstance(output, Mapping | list):
        raise PromptError("bad_examples", f"The output of {where} is a text.")
    text = ("yes" if output else "no") if isinstance(output, bool) else str(output)
    return Example(dict(inputs), text, str(item.get("reasoning") or ""))


def _check_syntax(
    messages: Iterable[MessageTemplate | Slot], template_format: Format, includes: Includes | None
) -> None:
    for number, item in enumerate(messages, 1):
        if isinstance(item, MessageTemplate):
            _parse_or_name(item.content, template_format, includes, f"message {number}")


def _parse_or_name(text: str, template_format: Format, includes: Includes | None, where: str) -> None:
    """Parse for the errors alone, and say in which text they are."""
    try:
        parse_template(text, template_format, includes)
    except PromptError as error:
        detail = f"{where.capitalize()}: {error.detail}"
        raise PromptError(error.code, detail, line=error.line, column=error.column) from None


def _inferred(
    messages: Iterable[MessageTemplate | Slot],
    template_format: Format,
    includes: Includes | None,
    brought: Iterable[Variable] = (),
) -> tuple[Variable, ...]:
    """Where none are declared: every name in the messages, as an included prompt declares it where it does.

    What only opens sections may be left out.
    """
    declared = {variable.name: variable for variable in brought}
    inserted: dict[str, bool] = {}
    for item in messages:
        if isinstance(item, MessageTemplate):
            template = parse_template(item.content, template_format, includes)
            for use in template.uses:
                name = use.name.partition(".")[0]
                if name in template.variables and name not in BUILT_IN | FROM_AGENT:
                    inserted[name] = inserted.get(name, False) or (not use.section and not use.within)
    return tuple(
        declared.get(name) or (Variable(name) if required else Variable(name, "json", required=False))
        for name, required in inserted.items()
    )


def _brought(included: Included) -> tuple[Variable, ...]:
    """The variables that a prompt brings where it is included: those that the included text itself uses."""
    declared = tuple(_each("variables", included.variables, _variable))
    used = _inferred([MessageTemplate("system", included.text)], "mustache", None, declared)
    return used if not declared else tuple(variable for variable in used if variable in declared)


def _together(declared: Iterable[Variable], brought: Iterable[Variable]) -> tuple[Variable, ...]:
    """The includer's own declaration of a name goes before that of what it includes."""
    own = list(declared)
    names = {variable.name for variable in own}
    others = {variable.name: variable for variable in brought if variable.name not in names}
    return (*own, *others.values())
