"""What a call means: a tool and what to give it, or what the model is told instead (agents.md B.6, B.10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.tool_schemas import INPUT, example_of, parameters_of
from agents.runtime.llm import FunctionCall
from agents.runtime.parsing.arguments import BadArguments, read_arguments
from agents.runtime.parsing.inputs import read_input
from agents.runtime.parsing.results import Retry, UnknownTool
from agents.runtime.parsing.tool_names import suggestion
from agents.runtime.text import cleaned
from agents.runtime.tools import Tool

MOST_CALLS = 8  # of one turn
TOO_MANY = "Not run: too many calls in one turn."
ENDED = "Not run: the run ended here."
SENTENCES: Mapping[str, str] = {
    "unknown_tool": 'There is no tool called "{requested}". Tools: {names}.{suggestion}',
    "invalid_json_arguments": "The arguments of {tool} were not valid JSON: {problem}. "
    "Call it again with one JSON object like {example}.",
    "arguments_not_object": "The arguments of {tool} must be one JSON object like {example}: {problem}.",
    "missing_arguments": "The call of {tool} could not be used. {problem} It takes {example}.",
    "unknown_arguments": "The call of {tool} could not be used. {problem} It takes {example}.",
    "invalid_arguments": "The arguments of {tool} could not be used. {problem} It takes {example}.",
    "missing_action_input": "You called {tool} without any input. Call it again with one JSON object like {example}.",
    "broken_call": "Your call of {tool} could not be read. Reply with the call alone, or answer in plain text.",
    "call_in_text": "There was a call of {tool} in the midst of your reply, which was not made. "
    "Reply with the call alone, or answer in plain text without it.",
    "truncated": "Your reply was cut off by the length limit. Continue with a shorter reply.",
    "no_action": "You wanted to call a tool, but named none. Call one of {names}, or answer in plain text.",
    "empty": "Your reply was empty. Call a tool, or answer in plain text.",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that can be made: `given` is what the tool takes, `flags` what was tolerated."""

    call: FunctionCall
    tool: Tool
    given: Any
    flags: tuple[str, ...] = ()


def read_call(call: FunctionCall, functions: Functions, *, cut_off: bool) -> Ready | Retry | UnknownTool:
    """`cut_off`: the reply ended in the middle of this call, so that broken arguments are no mistake of the model's."""
    tool = functions.tool(call.name)
    if tool is None:
        return UnknownTool(requested=call.name)
    if tool.input_kind == "none":
        return Ready(call, tool, "")
    read = read_arguments(call.arguments, parameters_of(tool))
    if isinstance(read, BadArguments):
        return Retry(code="truncated" if cut_off else read.code, tool=tool.name, problem=read.problem)
    if tool.input_kind == "schema":
        return Ready(call, tool, cleaned(read.args), read.flags)
    given = read_input(read.args[INPUT], tool.input_kind)
    if given.code:
        return Retry(code=given.code, tool=tool.name)
    return Ready(call, tool, cleaned(given.value), tuple(sorted({*read.flags, *given.flags})))


def correction(result: Retry | UnknownTool, functions: Functions) -> str:
    """What the model is told in place of a result."""
    listed = ", ".join(functions.names.functions)
    if isinstance(result, UnknownTool):
        close = suggestion(result.requested, functions.names.functions)
        hint = f" Did you mean {close}?" if close else ""
        return SENTENCES["unknown_tool"].format(requested=result.requested[:100], names=listed, suggestion=hint)
    tool = functions.tools.get(result.tool or "")
    example = example_of(parameters_of(tool)) if tool else ""
    function = functions.names.function_of(tool.name) if tool else ""
    return SENTENCES[result.code].format(tool=function, names=listed, example=example, problem=result.problem)
