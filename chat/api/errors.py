"""Refusals in the shape that OpenAI's clients understand."""

from typing import Any

from django.http import JsonResponse

# Codes of failed runs → the status that makes clients retry, back off or give up rightly.
STATUS = {
    "rate_limited": 429,
    "quota": 429,
    "no_model": 503,
    "unreachable": 503,
    "overloaded": 503,
    "timeout": 504,
    "context_overflow": 400,
    "content_filter": 400,
    "bad_request": 400,
}


class ApiError(Exception):
    def __init__(self, status: int, code: str, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param

    @classmethod
    def of_run(cls, code: str, detail: str) -> "ApiError":
        return cls(STATUS.get(code, 500), code, detail)

    def body(self) -> dict[str, Any]:
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> JsonResponse:
        headers = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        return JsonResponse(self.body(), status=self.status, headers=headers)
