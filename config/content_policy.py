"""The content security policy: only our own scripts and styles, with a nonce for what stands in the page itself."""

import secrets

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ContentPolicyMiddleware:
    """Adds the policy to every response; `request.csp_nonce` is the nonce of this one."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):
        request.csp_nonce = secrets.token_urlsafe(16)
        if iscoroutinefunction(self):
            return self._answer_async(request)
        return self._seal(request, self.get_response(request))

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        return self._seal(request, await self.get_response(request))

    @staticmethod
    def _seal(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=request.csp_nonce))
        return response


def nonce(request: HttpRequest) -> dict[str, str]:
    """Context processor: `{{ csp_nonce }}`."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
