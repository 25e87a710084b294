"""Failures of a run.

RunError                 ends the run; `code` is stable, `detail` is a sentence for the person chatting
└── ModelError           the model's server: rate_limited, quota, timeout, overloaded, context_overflow,
                         content_filter, unsupported, auth, not_found, bad_request, protocol, unreachable
PromptError              a template or a prompt that can't be used: for whoever edits it
ConfigurationError       an agent that can't work as configured: for staff, when it is saved
"""


class RunError(Exception):
    """Ends a run. The partial answer is kept; `retryable` says whether trying again may help."""

    def __init__(self, code: str, detail: str, *, retryable: bool = False) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retryable = retryable


class ModelError(RunError):
    """A model call failed. `retry_after_s` is what the server asked for, `reason` its own words: for staff only.

    `unsupported` means that the server knows no functions: ask it in words. Of a `context_overflow`, `limit` is how
    many tokens fit and `asked` how many were asked for, where the server says.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
        reason: str = "",
        limit: int | None = None,
        asked: int | None = None,
    ) -> None:
        super().__init__(code, detail, retryable=retryable)
        self.retry_after_s = retry_after_s
        self.reason = reason
        self.limit = limit
        self.asked = asked


class PromptError(ValueError):
    """A prompt can't be used. `code` like `missing:name`; line and column count from 1 where there is a place."""

    def __init__(self, code: str, detail: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.line = line
        self.column = column


class ConfigurationError(ValueError):
    """An agent can't work as configured; the sentence says what to change."""
