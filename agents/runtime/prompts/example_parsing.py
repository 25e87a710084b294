"""The `example` of a prompt file: how examples are written, placed and chosen."""

from collections.abc import Mapping
from typing import Any, Final

from agents.runtime.errors import PromptError
from agents.runtime.prompts.fields import mapping_of, number_of, one_of, text_of
from agents.runtime.prompts.including import EXAMPLE_TEXTS
from agents.runtime.prompts.spec import PLACEMENTS, SELECTORS, ExampleTemplate, Selection

# Key of the file → field, least, most. More examples than this no prompt has room for.
NUMBERS: Final = {
    "k": ("k", 1, 1000),
    "max_tokens": ("max_tokens", 1, 10_000_000),
    "seed": ("seed", 0, 2**31 - 1),
    "fetch_k": ("fetch_k", 1, 10_000),
}


def parse_example_template(item: Any) -> ExampleTemplate:
    fields = mapping_of("example", item)
    for side in EXAMPLE_TEXTS:
        if (text := fields.get(side)) is not None and not isinstance(text, str):
            raise PromptError("bad_example", f"The {side} side of the example is a text.")
    block = {name: fields[name] for name in ("separator", "prefix", "suffix") if fields.get(name) is not None}
    return ExampleTemplate(
        user=fields.get("user") or None,
        assistant=fields.get("assistant") or None,
        placement=one_of("placement", fields.get("placement") or "messages", PLACEMENTS),
        text=fields.get("text") or None,
        **{name: text_of("example", name, text) for name, text in block.items()},
        select=parse_selection(fields.get("select")),
    )


def parse_selection(item: Any) -> Selection:
    fields = mapping_of("select", item)
    if unknown := [str(key) for key in fields if key not in ("by", "lambda", *NUMBERS)]:
        known = ", ".join(("by", "lambda", *NUMBERS))
        raise PromptError("bad_select", f"“select” has no field {', '.join(unknown)}. Its fields: {known}.")
    numbers = {
        field: number_of("select", key, fields[key], least=least, most=most)
        for key, (field, least, most) in NUMBERS.items()
        if fields.get(key) is not None
    }
    selection = Selection(
        by=one_of("selector", fields.get("by") or "all", SELECTORS), diversity=_diversity(fields), **numbers
    )
    if selection.by == "mmr" and selection.fetch_k < selection.k:
        raise PromptError("bad_select", "“fetch_k” of “select” is at least “k”: what is chosen is taken from it.")
    return selection


def _diversity(fields: Mapping[str, Any]) -> float:
    value = fields.get("lambda")
    if value is None:
        return Selection().diversity
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise PromptError("bad_select", "“lambda” of “select” is a number from 0 to 1.")
    return float(value)
