"""An agent's tools as the protocols in text know them: what the model is told of each, and whether an input fits it."""

from collections.abc import Sequence
from dataclasses import replace

from agents.runtime.agents.tool_schemas import example_of, fields_said, parameters_of
from agents.runtime.parsing.results import Action, AnyResult, Retry
from agents.runtime.parsing.schema_check import check
from agents.runtime.tools import Tool


class TextTools:
    """`kinds` is what parsers know of tools; `schemas` are those of the tools that take an object."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.kinds = {tool.name: tool.input_kind for tool in tools}
        self.schemas = {tool.name: parameters_of(tool) for tool in tools if tool.input_kind == "schema"}

    def checked(self, result: AnyResult) -> AnyResult:
        """What a parser found, an action with its input as its tool's schema asks. One that doesn't fit isn't run."""
        if not isinstance(result, Action) or result.tool not in self.schemas:
            return result
        read = check(result.input, self.schemas[result.tool])
        if read.code:
            problem = read.problem.rstrip(".")
            return Retry(result.thought, result.flags, code="invalid_json_input", tool=result.tool, problem=problem)
        if not read.coerced:
            return result
        return replace(result, input=read.value, flags=tuple(sorted({*result.flags, "coerced"})))

    def example(self, name: str | None) -> str:
        return example_of(self.schemas.get(name or "", {}))


def tool_list(tools: Sequence[Tool]) -> str:
    """One tool a line, further lines of a description and what an object must have indented."""
    return "\n".join(f"{tool.name} — " + "\n  ".join(_said_of(tool)) for tool in tools)


def _said_of(tool: Tool) -> list[str]:
    lines = tool.description.strip().splitlines()
    if tool.input_kind != "schema":
        return lines
    schema = parameters_of(tool)
    return [*lines, f"Input: a JSON object like {example_of(schema)}", *fields_said(schema)]
