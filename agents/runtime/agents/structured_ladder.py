"""How a model is made to answer in a JSON Schema, by what its server can do (agents.md B.11).

From the firmest to the loosest: a response format with the schema; one forced function that takes it; JSON of any form
with the schema in the prompt; the schema in the prompt alone. The answer is validated in any case: many servers take a
format and ignore it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal, get_args

from agents.runtime.answers import OutputSpec, response_format_of
from agents.runtime.answers.instruction import answer_only
from agents.runtime.llm import Capabilities, FunctionSpec, Message, Request

Rung = Literal["json_schema", "function", "json_object", "prompt"]
RUNGS: Final[tuple[Rung, ...]] = get_args(Rung)
FUNCTION: Final = "answer"
ABOUT: Final = "Gives the answer."


def rungs(capabilities: Capabilities) -> list[Rung]:
    """Those that a server can take, the firmest first."""
    able: dict[Rung, bool] = {
        "json_schema": capabilities.json_schema,
        "function": capabilities.tools,
        "json_object": capabilities.json_object,
        "prompt": True,
    }
    return [rung for rung in RUNGS if able[rung]]


def held(request: Request, rung: Rung, spec: OutputSpec) -> Request:
    """The request with what this rung adds to it."""
    response_format = response_format_of(spec)
    match rung:
        case "json_schema":
            return replace(request, response_format=response_format, format_fallback="error")
        case "function":
            described = (response_format or {}).get("json_schema", {})
            function = FunctionSpec(FUNCTION, ABOUT, described.get("schema", {}), strict=described.get("strict", False))
            return replace(request, response_format=None, functions=(function,), function_choice=FUNCTION)
        case "json_object":
            messages = tuple(_with_schema(request.messages, spec))
            return replace(request, messages=messages, response_format={"type": "json_object"}, format_fallback="error")
    return replace(request, messages=tuple(_with_schema(request.messages, spec)), response_format=None)


def _with_schema(messages: Sequence[Message], spec: OutputSpec) -> Sequence[Message]:
    """The prompt says it already, unless it was told to be silent about the form."""
    if spec.instruction == "auto":
        return messages
    asked = answer_only(spec)
    if messages and messages[0].role == "system":
        return [replace(messages[0], content=f"{messages[0].content}\n\n{asked}"), *messages[1:]]
    return [Message("system", asked), *messages]
