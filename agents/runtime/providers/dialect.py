"""What one server understands of the API, and requests in those terms. What it refuses is left out from then on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import openai

from agents.runtime.llm import Capabilities, Request
from agents.runtime.providers.failures import message_of
from agents.runtime.providers.lessons import CAPABILITIES, Lessons
from agents.runtime.providers.messages import shaped, to_json
from agents.runtime.providers.refusals import LESSON_NAMES, is_about_format, lesson_of


class Dialect:
    """What was said about a model, corrected by what its server taught."""

    def __init__(self, given: Capabilities | None = None, lessons: Lessons | None = None) -> None:
        self.lessons = lessons or Lessons()
        self._given = given or Capabilities()
        self._refused_wishes: list[Mapping[str, Any]] = []
        self._corrected = self._given
        self._version = -1

    @property
    def capabilities(self) -> Capabilities:
        if self._version != self.lessons.version:
            learned = {name: self.lessons.get(name) for name in CAPABILITIES}
            known = {name: value for name, value in learned.items() if value is not None}
            self._corrected, self._version = replace(self._given, **known), self.lessons.version
        return self._corrected

    @property
    def streams(self) -> bool:
        return not self.lessons.refuses("stream")

    def messages(self, request: Request) -> list[dict[str, Any]]:
        with_reasoning = bool(request.functions) and self.capabilities.reasoning_roundtrip == "with_tools"
        return to_json(shaped(request.messages, self.capabilities), with_reasoning=with_reasoning)

    def body(self, request: Request, *, streaming: bool = True) -> dict[str, Any]:
        """Everything of a request but model and messages."""
        wanted = _wanted(request)
        body = {name: value for name, value in wanted.items() if self._sends(name, value)}
        if streaming and self._sends("stream_options"):
            body["stream_options"] = {"include_usage": True}
        if (response_format := self._format(request)) is not None:
            body["response_format"] = response_format
        if request.max_tokens is not None:
            body[self.lessons.get("max_tokens_param", "max_tokens")] = request.max_tokens
        if "tool_choice" not in body and wanted.get("tool_choice") == "none":
            body.pop("tools", None)  # the only other way to say it
        return body

    def missing_from(self, request: Request) -> tuple[str, ...]:
        """What the server goes without of all that the request asks for; `json_schema` where it gets `json_object`."""
        missing = {name for name, value in _wanted(request).items() if not self._sends(name, value)}
        if not self.takes_format(request):
            missing.add("response_format" if self._format(request) is None else "json_schema")
        return tuple(sorted(missing))

    def takes_format(self, request: Request) -> bool:
        return self._format(request) == request.response_format

    def learn(self, error: openai.APIStatusError, sent: Mapping[str, Any], request: Request) -> bool:
        """Whether the same request can be sent once more, in a way that the server may understand."""
        parameter, text = message_of(error)
        lesson = lesson_of(error.status_code, parameter, text, sent)
        if lesson is not None and not self._holds(*lesson):
            self.lessons.learn(*lesson)
            return True
        wish = request.response_format if request.format_fallback == "none" and "response_format" in sent else None
        if wish is None or not is_about_format(error.status_code, parameter, text):
            return False
        self._refused_wishes.append(wish)
        return True

    def _holds(self, name: str, value: Any) -> bool:
        """Whether that was heeded already, so that it can't be what is wrong."""
        return bool(getattr(self.capabilities, name, self.lessons.get(name)) == value)

    def _sends(self, name: str, value: Any = None) -> bool:
        if name == "temperature" and value == 0 and self.lessons.refuses("temperature_zero"):
            return False
        name = LESSON_NAMES.get(name, name)
        return bool(getattr(self.capabilities, name, True)) and not self.lessons.refuses(name)

    def _format(self, request: Request) -> Mapping[str, Any] | None:
        """The format that was asked for, or the next one on the way down from a schema to none (agents.md B.11)."""
        wanted = request.response_format
        if request.format_fallback == "none" and wanted in self._refused_wishes:
            return None
        kind = None if wanted is None else wanted.get("type")
        if kind == "json_schema" and not self.capabilities.json_schema:
            # A server that demands the word in the messages would refuse the request otherwise.
            speaks_of_it = any("json" in message.content.lower() for message in request.messages)
            return {"type": "json_object"} if self.capabilities.json_object and speaks_of_it else None
        return None if kind == "json_object" and not self.capabilities.json_object else wanted


def _wanted(request: Request) -> dict[str, Any]:
    """What is asked for under the API's own names, but for the length and the form of the answer."""
    wanted: dict[str, Any] = {**request.parameters, **request.functions_to_json()}
    if request.stop:
        wanted["stop"] = list(request.stop)
    if request.n > 1:
        wanted["n"] = request.n
    return wanted
