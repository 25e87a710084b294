"""Asking once more in a form that the server can enforce: the protocol's JSON form under a schema (agents.md B.1, 12).

Only a correction is asked for like this. Free text comes first, as it lets the model think in its own way and streams
as it is written; a model that has just missed the format is held to one that it can't miss.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.runtime.agents.dialect import Dialect
from agents.runtime.agents.text_tools import TextTools
from agents.runtime.agents.tool_schemas import inside
from agents.runtime.answers import closed_object
from agents.runtime.events import Event
from agents.runtime.llm import Request, TextChunk
from agents.runtime.parsing import zero_shot_react
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.json_forms import OPENING, call_in, read_object
from agents.runtime.parsing.reply import CUT_OFF
from agents.runtime.parsing.results import Action, AnyResult, Finish, Retry
from agents.runtime.parsing.thinking import without_thinking
from agents.runtime.steps import Timeline

FINAL_ANSWER = "Final Answer"
IN_THE_FORM = re.compile(r'(?:```[a-z]*\s*)?\{\s*"(?:thought|action)"')
ASK = (
    'Reply with a JSON object of "thought", "action" and "action_input"; the action "Final Answer" ends with its input.'
)
ASK_FOR_CALL = (
    'Reply with a JSON object of "thought" and "call", which is an object of "action" and "action_input"; '
    'the action "Final Answer" ends with its input.'
)


def constrained(request: Request, tools: TextTools) -> Request:
    """The same call, held to one of these tools or the answer.

    What is said of JSON stands in this request alone: in the transcript it would contradict the turns that follow.
    """
    *earlier, last = request.messages
    asked = replace(last, content=f"{last.content} {ASK_FOR_CALL if tools.schemas else ASK}")
    form = response_format(tools)
    return replace(request, messages=(*earlier, asked), stop=(), response_format=form, format_fallback="none")


def response_format(tools: TextTools) -> dict[str, Any]:
    """The thought stands first, so that it comes before the decision.

    Where every tool takes a text, the decision is two fields; else it is one of several objects, each with the input
    that its action takes.
    """
    forms = {name: inside(schema) for name, schema in tools.schemas.items()}
    texts = _decision([*(name for name in tools.kinds if name not in forms), FINAL_ANSWER], {"type": "string"})
    calls = [*(closed_object(_decision([name], form)) for name, (form, _) in forms.items()), closed_object(texts)]
    schema = closed_object({"thought": {"type": "string"}, **({"call": {"anyOf": calls}} if forms else texts)})
    strict = all(strict for _, strict in forms.values())
    return {"type": "json_schema", "json_schema": {"name": "next_step", "schema": schema, "strict": strict}}


def _decision(names: Sequence[str], form: Mapping[str, Any]) -> dict[str, Any]:
    return {"action": {"type": "string", "enum": list(names)}, "action_input": dict(form)}


def said_in(text: str) -> str:
    """What a last word says, which was asked for as plain text. In the form of a correction only its answer counts."""
    plain = without_thinking(text).strip()
    if not IN_THE_FORM.match(plain):
        return text
    call = call_in(plain)
    return as_text(call.input) if call and call.tool == FINAL_ANSWER else ""


class ConstrainedTurn:
    """A reply in JSON. It is shown when it is complete, as nothing of it can be read before."""

    decided = False

    def __init__(self, timeline: Timeline, dialect: Dialect, tools: TextTools, number: int) -> None:
        self._timeline = timeline
        self._dialect = dialect
        self._tools = tools
        self._number = number
        self._text: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def said(self) -> str:
        """The turn in the transcript, in the form that the following turns should have."""
        if isinstance(self.result, Action | Finish) and call_in(self.text):
            return self._dialect.written(self._number, self.result)
        return self._dialect.grammar.up_to_action(self.text)

    def read(self, chunk: TextChunk) -> Iterator[Event]:
        if not chunk.reasoning:
            self._text.append(chunk.text)
            return
        if self._timeline.kind != "thought":
            yield from self._timeline.open("thought")
        yield from self._timeline.write(chunk.text)

    def end(self, finish_reason: str) -> Iterator[Event]:
        self.result = result = self._tools.checked(self._meaning(finish_reason))
        yield from self._timeline.close()
        if result.thought:
            yield from self._timeline.whole("thought", result.thought)
        if isinstance(result, Action):
            yield from self._timeline.open("action")
            yield from self._timeline.write(as_text(result.input))
        elif isinstance(result, Finish):
            yield from self._timeline.whole("answer", result.answer)

    def _meaning(self, finish_reason: str) -> AnyResult:
        """A server that doesn't know schemas may have answered in the protocol, which is as good.

        JSON that names no action is no reply in plain words, whatever the protocol takes for one.
        """
        if call_in(self.text) is None:
            if OPENING.match(without_thinking(self.text).strip()):
                return Retry(code="truncated" if finish_reason in CUT_OFF else "no_label")
            return self._dialect.grammar.parse(self.text, self._tools.kinds, finish_reason)
        result = zero_shot_react.parse(self.text, self._tools.kinds, finish_reason)
        flags = tuple(flag for flag in result.flags if flag != "json_blob")  # that is what was asked for
        return replace(result, thought=_thought_of(self.text) or result.thought, flags=flags)


def _thought_of(text: str) -> str:
    fields = read_object(text)[0]
    thought = fields.get("thought") if isinstance(fields, Mapping) else None
    return thought.strip() if isinstance(thought, str) else ""
