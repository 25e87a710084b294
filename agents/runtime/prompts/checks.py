"""What is wrong with a prompt, all of it at once, in words for the person who edits it."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from agents.runtime.answers import canonical
from agents.runtime.errors import ConfigurationError, PromptError
from agents.runtime.prompts.examples import placed_examples
from agents.runtime.prompts.including import EXAMPLE_TEXTS
from agents.runtime.prompts.spec import BUILT_IN, FROM_AGENT, MessageTemplate, PromptSpec, Slot, Variable
from agents.runtime.prompts.strategies import option_problems, unknown_options
from agents.runtime.prompts.values import checked
from agents.runtime.templates.base import Use

# Set by code for every call; a prompt that sets them would break the call.
NOT_PARAMETERS = frozenset({"messages", "model", "stream", "stream_options", "n", "tools", "tool_choice"})

MOST_STOPS = 4

# What the API and the servers that extend it (llama.cpp, vLLM, Ollama) take. Most ignore another name in silence.
PARAMETERS = frozenset(
    """
    temperature top_p max_tokens max_completion_tokens presence_penalty frequency_penalty seed stop logit_bias logprobs
    top_logprobs response_format reasoning reasoning_effort verbosity user metadata service_tier store modalities
    prediction prompt_cache_key safety_identifier top_k top_a min_p typical_p tfs_z repeat_penalty repetition_penalty
    repeat_last_n length_penalty min_tokens mirostat mirostat_tau mirostat_eta dry_multiplier dry_base
    dry_allowed_length dry_penalty_last_n xtc_probability xtc_threshold dynatemp_range dynatemp_exponent samplers
    grammar json_schema guided_json guided_regex guided_choice guided_grammar structured_outputs ignore_eos n_predict
    n_probs min_keep cache_prompt chat_template_kwargs include_reasoning thinking_budget enable_thinking think
    keep_alive options use_beam_search skip_special_tokens spaces_between_special_tokens stop_token_ids bad_words
    provider models route transforms plugins
    """.split()  # noqa: SIM905 a column of seventy strings would be read by nobody
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Errors keep a prompt from being saved; warnings don't. `where` reads like “message 2, line 1, column 5”."""

    level: Literal["error", "warning"]
    code: str
    detail: str
    where: str = ""


def problems(spec: PromptSpec, *, provided: Collection[str] = ()) -> list[Problem]:
    """Everything that is wrong. `provided` are names that whoever runs the prompt will fill."""
    names = list(_names(spec, provided))
    return [
        *_layout(spec),
        *_variables(spec),
        *names,
        *_examples(spec, frozenset(problem.code.partition(":")[2] for problem in names)),
        *_options(spec),
        *_parameters(spec),
    ]


def input_variable(spec: PromptSpec) -> str:
    """The variable that a person's message fills: `input`, else the only required one."""
    free = [variable for variable in spec.variables if variable.name not in spec.partials]
    required = [variable.name for variable in free if variable.required]
    if any(variable.name == "input" for variable in free):
        return "input"
    if len(required) == 1:
        return required[0]
    raise ConfigurationError(
        "The prompt doesn't say which variable takes the person's message: name one “input”, "
        f"or leave only one required ({', '.join(required) or 'none is'} now)."
    )


def _layout(spec: PromptSpec) -> Iterator[Problem]:
    slots = [slot.name for slot in _slots(spec)]
    for name in dict.fromkeys(name for name in slots if slots.count(name) > 1):
        yield Problem("error", f"duplicate_slot:{name}", f"The slot {name} stands there twice.")
    if not spec.examples and any(item.name == "examples" and not item.optional for item in _slots(spec)):
        yield Problem("error", "missing:examples", "The slot examples must be filled, and the prompt has no examples.")
    roles = [item.role if isinstance(item, MessageTemplate) else item.name for item in spec.messages]
    first_other = next((index for index, role in enumerate(roles) if role != "system"), len(roles))
    for number, role in enumerate(roles, 1):
        if role == "system" and number > first_other:
            yield Problem("error", "system_first", "System messages stand before all others.", f"message {number}")
    last = [role for role in roles if role != "steps"][-1]
    if last != "user" or ("steps" in roles and roles[-1] != "steps"):
        yield Problem("error", "user_last", "The last message is the user's; only the slot steps may follow it.")


def _slots(spec: PromptSpec) -> list[Slot]:
    return [item for item in spec.messages if isinstance(item, Slot)]


def _variables(spec: PromptSpec) -> Iterator[Problem]:
    names = [variable.name for variable in spec.variables]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Problem("error", f"duplicate:{name}", f"The variable {name} is declared twice.")
    used = set(spec.used_names)
    for text in (getattr(spec.example_template, side) for side in EXAMPLE_TEXTS):
        used |= {use.name.partition(".")[0] for use in spec.template(text or "").uses}
    for variable in spec.variables:
        yield from _variable(variable)
        if variable.name not in used:
            detail = f"The variable {variable.name} is declared, but no message uses it."
            yield Problem("warning", f"unused:{variable.name}", detail)


def _variable(variable: Variable) -> Iterator[Problem]:
    if variable.name.startswith("_") or variable.name in FROM_AGENT:
        detail = f"The name {variable.name} is reserved: it is filled by the system."
        yield Problem("error", f"reserved:{variable.name}", detail)
    if variable.default is not None:
        try:
            checked(variable, variable.default)
        except PromptError as error:
            yield Problem("error", f"bad_default:{variable.name}", f"Default value: {error.detail}")


def _names(spec: PromptSpec, provided: Collection[str]) -> Iterator[Problem]:
    known = {variable.name for variable in spec.variables} | BUILT_IN | set(provided)
    for number, template in spec.templates():
        for use in template.uses:
            name = use.name.partition(".")[0]
            if use.name == "." or name in known or _may_be_a_field(use, spec):
                continue
            where = f"message {number}, line {use.line}, column {use.column}"
            if name in FROM_AGENT:
                yield Problem("warning", f"agent_only:{name}", f"{name} has a value only where an agent runs.", where)
            else:
                declared = ", ".join(sorted(known - BUILT_IN)) or "none"
                whose = f" of the included {use.source}" if use.source else ""
                detail = (
                    f"The variable “{name}”{whose} is not declared. Declared: {declared}. "
                    "Correct the name, or declare it among the prompt's variables."
                )
                yield Problem("error", f"unknown:{name}", detail, where)


def _may_be_a_field(use: Use, spec: PromptSpec) -> bool:
    """Inside a section over a JSON value its fields are in scope, and nobody knows them beforehand."""
    structured = {variable.name for variable in spec.variables if variable.type == "json"}
    return any(name.partition(".")[0] in structured for name in use.within)


def _examples(spec: PromptSpec, unknown: frozenset[str]) -> Iterator[Problem]:
    """`unknown` are names that no variable has: that no example has a value for them is no problem of the examples."""
    if spec.strategy == "few_shot_cot" and not spec.examples:
        yield Problem("warning", "no_examples", "The strategy few_shot_cot teaches by examples, and there are none.")
    seen: set[str] = set()
    for number, example in enumerate(spec.examples, 1):
        where = f"example {number}"
        try:
            placed_examples(spec, [example], dict.fromkeys(BUILT_IN, ""))
        except PromptError as error:
            kind, _, lacking = error.code.partition(":")
            if kind != "missing" or not unknown.issuperset(lacking.split(",")):
                yield Problem("error", error.code, error.detail, where)
        if canonical(example.output, spec.output) is None:
            detail = f"The output is not a {spec.output.kind}, as the prompt declares it."
            yield Problem("warning", "example_output", detail, where)
        if spec.strategy == "few_shot_cot" and not example.reasoning:
            yield Problem("warning", "no_reasoning", "No reasoning is shown, so it teaches to answer without.", where)
        asked = json.dumps(dict(example.inputs), sort_keys=True, default=str)
        if asked in seen:
            yield Problem("warning", "duplicate_example", "An example before it asks the same.", where)
        seen.add(asked)


def _options(spec: PromptSpec) -> Iterator[Problem]:
    if spec.output.extract.mode == "program" and spec.strategy != "pal":
        detail = "The answer is to be a program's result, and only the strategy pal runs programs: none will be found."
        yield Problem("warning", "no_program", detail)
    for name, detail in option_problems(spec.strategy, spec.strategy_options):
        yield Problem("error", f"bad_option:{name}", detail, "strategy options")
    for name in unknown_options(spec.strategy, spec.strategy_options):
        detail = f"No strategy has an option “{name}”: it has no effect."
        yield Problem("warning", f"unknown_option:{name}", detail, "strategy options")


def _parameters(spec: PromptSpec) -> Iterator[Problem]:
    for name in sorted(NOT_PARAMETERS & set(spec.parameters)):
        yield Problem("error", f"bad_parameter:{name}", f"The parameter {name} is set by the system.", "parameters")
    for name in spec.parameters:
        if name not in PARAMETERS | NOT_PARAMETERS:
            detail = f"No model server that we know takes a parameter “{name}”; most ignore it without a word."
            yield Problem("warning", f"unknown_parameter:{name}", detail, "parameters")
    stop = spec.parameters.get("stop")
    if isinstance(stop, list) and len(stop) > MOST_STOPS:
        detail = f"stop has at most {MOST_STOPS} texts, as many as the API takes."
        yield Problem("error", "bad_parameter:stop", detail, "parameters")
    max_tokens = spec.parameters.get("max_tokens")
    if max_tokens is not None and (not isinstance(max_tokens, int) or max_tokens < 1):
        yield Problem("error", "bad_parameter:max_tokens", "max_tokens is a positive whole number.", "parameters")
