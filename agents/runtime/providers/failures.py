"""What went wrong at a model's server, sorted by what to do about it (agents.md F.5).

Sentences are for the person chatting. Texts of exceptions never get there: they may hold bodies, addresses and keys.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import httpx2
import openai

from agents.runtime.errors import ModelError
from agents.runtime.providers.overflow import sizes

SENTENCES = {
    "rate_limited": "The model's server is busy. Try again in a moment.",
    "quota": "The credit at the model's provider is used up. An administrator has to renew it.",
    "timeout": "The model took too long to answer. Try again, or ask something shorter.",
    "overloaded": "The model's server has a problem at the moment. Try again in a little while.",
    "context_overflow": "This is too long for the model. Shorten the message or start a new conversation.",
    "content_filter": "The provider's content filter refused this. Put it in other words.",
    "unsupported": "This model can't call functions. Ask staff to choose another model or another kind of agent.",
    "auth": "The model's server refused the access. An administrator has to check its key.",
    "not_found": "The model's server doesn't have this model. An administrator has to choose another.",
    "bad_request": "The model's server refused the request. An administrator finds it in the conversation log.",
    "protocol": "The model's server sent an unreadable reply. Try again.",
    "unreachable": "The model's server can't be reached. Check that it is running, then try again.",
}
# What the SDK, its HTTP library and our own deadlines raise; anything else is a mistake of ours and goes on.
FAILURES = (ModelError, openai.OpenAIError, httpx2.HTTPError, OSError, TimeoutError, ValueError)
# For these the same call may work a moment later.
RETRYABLE = frozenset({"rate_limited", "timeout", "overloaded", "protocol", "unreachable"})
BY_STATUS = {401: "auth", 402: "quota", 403: "auth", 404: "not_found", 408: "timeout", 409: "overloaded"}
LONGEST_REASON = 300
KEY = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[\w*.-]{6,}|Bearer\s+\S+|\b[A-Za-z0-9_*-]{24,}\b")
QUOTA = re.compile(r"insufficient_quota|billing|credit", re.IGNORECASE)
# As an error's own code: its text may still speak of billing, as OpenAI's does where a card would lift the limit.
# Gemini's is RESOURCE_EXHAUSTED, by the minute and by the day.
BUSY = re.compile(r"rate_?limit|too_many_requests|resource_exhausted", re.IGNORECASE)
OVERFLOW = re.compile(
    r"context_length_exceeded|maximum (?:context|model) length|exceeds? (?:the )?(?:available )?context"
    r"|exceed_context_size|prompt is too long|model's context length is only",
    re.IGNORECASE,
)
FILTERED = re.compile(r"content_filter|content management policy", re.IGNORECASE)


def failure(
    code: str,
    *,
    retry_after_s: float | None = None,
    reason: str = "",
    limit: int | None = None,
    asked: int | None = None,
) -> ModelError:
    return ModelError(
        code,
        SENTENCES[code],
        retryable=code in RETRYABLE,
        retry_after_s=retry_after_s,
        reason=for_staff(reason),
        limit=limit,
        asked=asked,
    )


def for_staff(text: str) -> str:
    """What a server said, cut, without anything that looks like a key: some repeat the one they refuse."""
    return KEY.sub("…", " ".join(text.split()))[:LONGEST_REASON]


def classify(error: Exception) -> ModelError:
    """Any exception of the SDK, its HTTP library or a deadline as one of ours."""
    if isinstance(error, ModelError):
        return error
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return failure("unreachable" if _while_connecting(error) else "timeout")
    if isinstance(error, openai.APIStatusError):
        return _by_status(error)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | OSError):
        return failure("unreachable")
    if isinstance(error, ValueError):
        return failure("protocol")
    return failure("bad_request")


def in_band(error: Any) -> ModelError:
    """An `error` object that came as a piece of a stream."""
    fields = error if isinstance(error, Mapping) else {"message": str(error)}
    text = " ".join(str(fields.get(key) or "") for key in ("code", "type", "message"))
    code = _by_text(fields, text) or _by_number(fields.get("code")) or _by_number(fields.get("status"))
    if code is None:
        code = "rate_limited" if "rate" in text.lower() and "limit" in text.lower() else "overloaded"
    limit, asked = sizes(fields, text) if code == "context_overflow" else (None, None)
    return failure(code, reason=text, limit=limit, asked=asked)


def message_of(error: openai.APIStatusError) -> tuple[str, str]:
    """The parameter that an error names, and its text with code and type: for decisions, never to be shown."""
    fields = _fields_of(error)
    text = " ".join(str(fields.get(key) or "") for key in ("code", "type", "message", "detail"))
    return str(fields.get("param") or ""), text if text.strip() else str(error.body or "")


def _fields_of(error: openai.APIStatusError) -> Mapping[str, Any]:
    """Of an error body, which is flat at some servers, nested at others, and in a list at Gemini's."""
    body: Any = error.body[0] if isinstance(error.body, list) and error.body else error.body
    body = body if isinstance(body, Mapping) else {}
    inner = body.get("error")
    return inner if isinstance(inner, Mapping) else body


def _by_status(error: openai.APIStatusError) -> ModelError:
    _, text = message_of(error)
    status = error.status_code
    code = _by_text(_fields_of(error), text) if status in (400, 402, 403, 413, 422, 429, 500) else None
    code = code or _by_number(status) or "bad_request"
    limit, asked = sizes(_fields_of(error), text) if code == "context_overflow" else (None, None)
    wait_s = _retry_after(error.response.headers)
    return failure(code, retry_after_s=wait_s, reason=f"{status}: {text}", limit=limit, asked=asked)


def _by_text(fields: Mapping[str, Any], text: str) -> str | None:
    """By the error's code, type and status, or by what it says where they leave that open."""
    if OVERFLOW.search(text):
        return "context_overflow"
    if FILTERED.search(text):
        return "content_filter"
    named = f"{fields.get('code')} {fields.get('type')} {fields.get('status')}"
    return "quota" if QUOTA.search(named if BUSY.search(named) else text) else None


def _by_number(status: Any) -> str | None:
    try:
        number = int(status)
    except (TypeError, ValueError):
        return None
    if number == 429:
        return "rate_limited"
    if number >= 500:
        return "overloaded"
    return BY_STATUS.get(number) or ("bad_request" if number >= 400 else None)


def _while_connecting(error: BaseException) -> bool:
    return isinstance(error, httpx2.ConnectTimeout) or isinstance(error.__cause__, httpx2.ConnectTimeout)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the server wants to be asked again: milliseconds, seconds or a date."""
    if (milliseconds := _amount(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    said = headers.get("retry-after", "")
    seconds = _amount(said)
    return _until(said) if seconds is None else seconds


def _amount(text: str) -> float | None:
    try:
        amount = float(text)
    except ValueError:
        return None
    return amount if isfinite(amount) and amount >= 0 else None


def _until(date: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
