"""A reply's text while it grows: whether it may still turn out to be a function call, which nobody should read as text.

Text that begins like a call is held back as long as it can be one. That ends early: with a first key that no call has,
or with the name of a function that doesn't exist.
"""

import re

from agents.runtime.parsing.argument_stream import ArgumentStream
from agents.runtime.parsing.text_calls import LONGEST, Known

MARKS = ("<tool_call>", "<tools>", "[TOOL_CALLS]", "<|python_tag|>", "<function=", "functions.")
FENCE_LINE = re.compile(r"```(?P<language>[a-z_]*)[ \t]*(?P<rest>.*)\Z", re.DOTALL | re.IGNORECASE)
FENCE_LANGUAGES = ("", "json", "tool_call", "tool_code", "tool")
KEYS = ("name", "function", "arguments", "parameters", "type", "id")
FIRST_KEY = re.compile(r"""[\[{\s]*["'](?P<key>[^"']*)(?P<closed>["']?)""")
LOOKED_AT = 2000  # characters in which a call has said its name, unless its arguments come first
JSON_CALL = re.compile(
    r"""["'](?:name|function)["']\s*:\s*["'](?P<name>[^"'\n]*)["']"""
    r"""(?:\s*,\s*["'](?:arguments|parameters)["']\s*:\s*(?P<given>(?=\S)))?"""
)
MARKED_CALL = re.compile(r"(?:<function=(?P<a>[^>\n]*)>|functions\.(?P<b>[\w-]*)\()\s*(?P<given>(?=\S))")


def may_be_call(text: str, known: Known) -> bool:
    """Whether the text so far could be the beginning of calls, or all of them."""
    if len(text) > LONGEST:
        return False
    text = text.lstrip()[:LOOKED_AT]
    if not text:
        return True
    if any(text.startswith(mark) or mark.startswith(text) for mark in MARKS):
        return True
    if text.startswith("`"):
        return _fence_may_be_call(text, known)
    return text[0] in "{[" and _json_may_be_call(text, known)


def named_in(text: str, known: Known) -> str | None:
    """The first tool that a call or a definition in the text names."""
    return next((tool for match in JSON_CALL.finditer(text[:LONGEST]) if (tool := known(match["name"]))), None)


def _fence_may_be_call(text: str, known: Known) -> bool:
    match = FENCE_LINE.match(text)
    if match is None:
        return "```".startswith(text)
    language, rest = match["language"].lower(), match["rest"].lstrip()
    if not rest and "\n" not in match["rest"]:
        return any(name.startswith(language) for name in FENCE_LANGUAGES)
    return language in FENCE_LANGUAGES and (not rest or (rest[0] in "{[" and _json_may_be_call(rest, known)))


def _json_may_be_call(text: str, known: Known) -> bool:
    first = FIRST_KEY.match(text)
    if first is None:
        return not text.strip(" \t\n{[")
    if first["closed"] and first["key"] not in KEYS:
        return False
    if not any(key.startswith(first["key"]) for key in KEYS):
        return False
    named = JSON_CALL.search(text)
    return named is None or known(named["name"]) is not None


class TextCallStream:
    """The first call of a text that may be one: its tool and what can be shown of its arguments, as they come."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._text = ""
        self.tool: str | None = None
        self._arguments: ArgumentStream | None = None

    def feed(self, text: str) -> str:
        """The next piece of what is held back. `show` must be called once `tool` is known."""
        if self._arguments is not None:
            return self._arguments.feed(text)
        self._text += text
        return ""

    def found(self) -> str | None:
        """The tool, as soon as its name and the beginning of its arguments are there."""
        if self.tool is None and len(self._text) <= LOOKED_AT:
            match = JSON_CALL.search(self._text) or MARKED_CALL.search(self._text)
            if match and match["given"] is not None:
                groups = match.groupdict()
                self.tool = self._known(groups.get("name") or groups.get("a") or groups.get("b") or "")
                self._text = self._text[match.end() :]
        return self.tool

    def show(self, field: str | None) -> str:
        """Begin to show the arguments: of one field, or all."""
        self._arguments = ArgumentStream(field)
        return self._arguments.feed(self._text)
