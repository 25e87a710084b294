"""Asking once more in a form that a server with JSON Schema can't let go wrong (agents.md B.10, B.1 rule 12).

Not by forcing a function: several servers refuse that, or constrain its name alone. The reply is a call written as
text, and is read as any such call is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.function_turn import FunctionTurn
from agents.runtime.agents.tool_schemas import inside, parameters_of
from agents.runtime.answers import closed_object
from agents.runtime.events import Event
from agents.runtime.llm import Request
from agents.runtime.parsing.argument_stream import ArgumentStream
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.json_forms import read_object
from agents.runtime.parsing.results import Retry, UnknownTool
from agents.runtime.steps import Timeline

LONGEST_NAME = 64
REPLY, ANSWER = "reply", "answer"
ASK = (
    f'Write it as a JSON object whose "{REPLY}" is either a call, which is an object of "name" and "arguments", '
    f'or an object whose "{ANSWER}" is your answer.'
)
FORM = re.compile(rf'\s*+(?:```[a-z]*+\s*+)?\{{\s*+"{REPLY}"\s*+:\s*+(?=\{{)')
FIRST = ("{", "`")  # of a text in the form


def asked_again(
    request: Request, mistake: Retry | UnknownTool, functions: Functions, timeline: Timeline
) -> tuple[FunctionTurn, Request]:
    """The same request held to a form after this mistake, and what reads the reply.

    That form is a call of the tool that was meant, or else any call or an answer. What is said of JSON stands in this
    request alone, as it doesn't hold for the turns that follow.
    """
    request = replace(request, function_choice="none", format_fallback="none")
    if isinstance(mistake, Retry) and mistake.tool and mistake.code != "call_in_text":
        return FunctionTurn(timeline, functions, again=True), replace(
            request, response_format=call_format(mistake.tool, functions)
        )
    *earlier, last = request.messages
    asked = replace(last, content=f"{last.content} {ASK}")
    request = replace(request, messages=(*earlier, asked), response_format=reply_format(functions))
    return HeldTurn(timeline, functions), request


def call_format(tool: str, functions: Functions) -> dict[str, Any]:
    """A response format of one call of this tool."""
    call, strict = _call(tool, functions)
    return _format(f"call_{functions.names.function_of(tool)}", call, strict=strict)


def reply_format(functions: Functions) -> dict[str, Any]:
    """A response format of one call of any tool, or an answer; an object of one field, as APIs want an object."""
    calls = [_call(tool, functions) for tool in functions.tools]
    replies = [*(call for call, _ in calls), closed_object({ANSWER: {"type": "string"}})]
    return _format("next_reply", closed_object({REPLY: {"anyOf": replies}}), strict=all(strict for _, strict in calls))


def _call(tool: str, functions: Functions) -> tuple[dict[str, Any], bool]:
    arguments, strict = inside(parameters_of(functions.tools[tool]))
    name = {"type": "string", "enum": [functions.names.function_of(tool)]}
    return closed_object({"name": name, "arguments": dict(arguments)}), strict


def _format(name: str, schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name[:LONGEST_NAME], "schema": schema, "strict": strict}}


class HeldTurn(FunctionTurn):
    """A reply in the form of `reply_format`. It is shown when it is complete: only then is it known to be a call.

    A server that doesn't know schemas may have let the model answer as it likes, which is read and shown as ever.
    """

    def __init__(self, timeline: Timeline, functions: Functions) -> None:
        super().__init__(timeline, functions, again=True)
        self._in_form: list[str] = []

    def _say(self, text: str) -> Iterator[Event]:
        if self._in_form or (not self.text.strip() and text.lstrip()[:1] in FIRST):
            self._in_form.append(text)
        else:
            yield from super()._say(text)

    def _all_said(self) -> Iterator[Event]:
        yield from super()._all_said()
        if self._in_form:
            yield from super()._say(_taken_from("".join(self._in_form)))


def _taken_from(text: str) -> str:
    """The call or the answer in the form, also one that is cut off, as a model writes it outside of one. Other text
    stays as it is.
    """
    form = FORM.match(text)
    if form is None:
        return text
    written = text[form.end() :]
    said, _ = read_object(written)
    if isinstance(said, Mapping):
        return as_text(said.get(ANSWER, said))
    return ArgumentStream(ANSWER).feed(written) or written
