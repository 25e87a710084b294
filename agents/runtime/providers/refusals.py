"""What the refusal of a request says about the server: error texts as they are in use, read for one lesson each."""

import re
from collections.abc import Mapping
from typing import Any

# A request makes sense without these: the parsers cut what `stop` would have stopped, and the trace says which of them
# the server went without.
OPTIONAL = (
    "stream_options",
    "stop",
    "temperature",
    "top_p",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "top_k",
    "min_p",
    "repetition_penalty",
    "reasoning_effort",
    "verbosity",
    "parallel_tool_calls",
    "tool_choice",
)
ALSO_CALLED = {"stream_options": ("stream_options", "include_usage")}
LESSON_NAMES = {"stream_options": "stream_usage", "parallel_tool_calls": "parallel_tools"}
LONGEST_TEXT = 2000
OUT_OF_RANGE = re.compile(
    r"between|range|less than|greater than|at (?:most|least)|maximum|minimum|too (?:high|low|large|small)|[<>≤≥]=?",
    re.IGNORECASE,
)
UNKNOWN = re.compile(r"unsupported|not support|unknown|unrecogni[sz]ed", re.IGNORECASE)
REFUSED = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|extra|not permitted|not allowed|invalid|unavailable"
    r"|not (?:yet )?(?:implemented|enabled|available)|not be used|only (?:supported|enabled|available)"
    r"|(?:supported|enabled|available) only",
    re.IGNORECASE,
)
CONTRACTED = re.compile(r"n['\u2019]t\b")
# TGI, MiniMax and others; what is said of it where 0 was sent, so whatever the range is, 0 is too low.
TOO_COLD = re.compile(
    rf"temperature.{{0,60}}(?:{OUT_OF_RANGE.pattern}|positive|not be (?:0|zero)|\(0(?:\.0+)?,)",
    re.IGNORECASE | re.DOTALL,
)
# Ollama, llama.cpp, vLLM, OpenRouter, Gemini; the words for one value of tool_choice are others.
NO_TOOLS = re.compile(
    r"not support (?:the use of |native )?(?:tool|function)s?(?:[ _-](?:use|call\w*))?\b(?! choice)"
    r"|(?<!parallel )(?<!strict )\b(?:tool|function)s?(?:[ _-](?:use|call\w*))?['\"`]*(?: (?:and|or) ['\"`\w]+)?"
    r"(?: is| are)?(?: currently)? (?:not (?:yet |currently )?supported|unsupported)"
    r"|(?<!parallel )\b(?:tool|function)[ _-](?:use|calling) is not (?:yet )?(?:enabled|available|implemented)"
    r"|not (?:yet )?supported: ['\"`]?tools\b"
    r"|endpoints found that support tool|\btools? param\w* requires"
    r"|\bbody\W{1,8}tools[\\'\"]*[\]):\n][^.\n]{0,60}not permitted"
    r"|(?:unsupported|unknown|unrecogni[sz]ed)[^.\n]{0,40}\btools\b(?!\[|\.\w)|enable-auto-tool-choice",
    re.IGNORECASE,
)
# What chat templates of Mistral, Llama, Qwen and Gemma raise.
ALTERNATE = re.compile(
    r"roles? must alternate|alternat\w+ (?:between )?user/assistant"
    r"|system message must be (?:at the beginning|the first)",
    re.IGNORECASE,
)
NO_SYSTEM = re.compile(
    r"system (?:role|messages?|prompts?|instructions?) (?:is |are )?not supported"
    r"|not support (?:the )?['\"`]?system\b|developer instruction is not enabled",
    re.IGNORECASE,
)
REASONING_MISSING = re.compile(
    r"missing[^.\n]{0,30}reasoning_content|reasoning_content[^.\n]{0,40}(?:must be|missing|required)", re.IGNORECASE
)
# OpenAI streams some models only to organisations that it has verified.
STREAM_REFUSED = re.compile(r"unsupported|not support|must be verified", re.IGNORECASE)
ONE_CHOICE = re.compile(
    r"['\"`]n['\"`]|\bn ?(?:[>=]|must|should|parameter)|only one completion choice|multiple (?:choices|completions)",
    re.IGNORECASE,
)
FORMAT = re.compile(r"response[_ ]format|json_schema|json_object|structured outputs?", re.IGNORECASE)
# "must be one of text, json_object", "Input should be 'text' or 'json_object'", "only json_object is supported"
FORMATS_OFFERED = re.compile(
    r"(?:(?:must|should|can) be|one of|only|(?:expected|supported|allowed|valid|permitted)(?: \w+){0,2})"
    r"(?: one of| either)?[\s:(\['\"`\\]*(?P<formats>(?:text|json_object|json_schema)\b"
    r"(?:[\s,|'\"`\\]|and\b|or\b|text\b|json_object\b|json_schema\b)*)",
    re.IGNORECASE,
)
# The server knows formats, but not this schema: whoever wrote it must hear of it.
BAD_SCHEMA = re.compile(
    r"invalid_json_schema|invalid (?:json )?schema|schema (?:is )?(?:invalid|not valid)|grammar|contain the word",
    re.IGNORECASE,
)
# Of a format that was sent; what converts a schema speaks of it in many ways.
ABOUT_FORMAT = re.compile(rf"{FORMAT.pattern}|schema|grammar", re.IGNORECASE)


def lesson_of(status: int, parameter: str, text: str, sent: Mapping[str, Any]) -> tuple[str, Any] | None:
    """What to do differently from now on, as a lesson's name and value; None where the request itself is wrong.

    `parameter` is what the error names, `sent` the body without model and messages.
    """
    text = CONTRACTED.sub(" not", text[:LONGEST_TEXT].replace("invalid_request_error", ""))
    if status in (400, 404, 405, 422, 500, 501) and (lesson := _of_templates(parameter, text, sent)):
        return lesson
    if status not in (400, 422):
        return None
    if "max_tokens" in sent and "max_completion_tokens" in text:
        return "max_tokens_param", "max_completion_tokens"
    if parameter == "stream" and STREAM_REFUSED.search(text):
        return "stream", False
    if "n" in sent and (parameter == "n" or ONE_CHOICE.search(text)):
        return "n", False
    if lesson := _of_formats_offered(text, sent):
        return lesson
    is_known = not UNKNOWN.search(text)
    if sent.get("temperature") == 0 and is_known and TOO_COLD.search(f"{parameter} {text}"):
        return "temperature_zero", False
    if is_known and OUT_OF_RANGE.search(text):
        return None  # the server knows it, and whoever wrote the prompt must hear that it can't be so
    if lesson := _of_format(parameter, text, sent):
        return lesson
    refused = next((name for name in OPTIONAL if name in sent and _names(name, parameter, text)), None)
    return None if refused is None else (LESSON_NAMES.get(refused, refused), False)


def _of_templates(parameter: str, text: str, sent: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Of functions and roles, which servers look at when they write the prompt: some then answer with 404 or 500."""
    if "tools" in sent and (NO_TOOLS.search(text) or (parameter == "tools" and UNKNOWN.search(text))):
        return "tools", False
    if "tools" in sent and REASONING_MISSING.search(text):
        return "reasoning_roundtrip", "with_tools"
    if ALTERNATE.search(text):
        return "alternate_roles", True
    return ("system_role", "merge_into_user") if NO_SYSTEM.search(text) else None


def _of_format(parameter: str, text: str, sent: Mapping[str, Any]) -> tuple[str, Any] | None:
    kind = sent.get("response_format", {}).get("type")
    if kind not in ("json_schema", "json_object") or BAD_SCHEMA.search(text):
        return None
    named = parameter.split(".")[0] == "response_format" or FORMAT.search(text)
    return (kind, False) if named and REFUSED.search(text) else None


def _of_formats_offered(text: str, sent: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Of a server that lists the formats which it has."""
    kind = sent.get("response_format", {}).get("type")
    offered = FORMATS_OFFERED.search(text) if FORMAT.search(text) else None
    if offered is None or kind not in ("json_schema", "json_object") or kind in offered["formats"]:
        return None
    return kind, False


def is_about_format(status: int, parameter: str, text: str) -> bool:
    """Whether the form that was asked for is what a server refuses, be it that it can't make anything of the schema."""
    if parameter.startswith("tools"):
        return False  # functions have schemas too
    named = parameter.startswith("response_format") or ABOUT_FORMAT.search(text[:LONGEST_TEXT])
    return status in (400, 422, 500) and bool(named)


def _names(name: str, parameter: str, text: str) -> bool:
    names = ALSO_CALLED.get(name, (name,))
    if parameter.split(".")[0] in names or parameter in names:
        return True
    mentioned = any(re.search(rf"(?<!\w){alias}(?!\w)", text) for alias in names)
    return mentioned and bool(REFUSED.search(text))
