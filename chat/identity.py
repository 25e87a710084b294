"""Who is at the other end: a session of our own pages, or a program with an API key."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from agents.models import ApiKey, User


@dataclass(frozen=True)
class Credentials:
    """What a connection came with. A key alone decides where there is one; else the session does."""

    api_key: str | None
    session_key: str | None

    def user(self) -> User | None:
        """The user behind them as of now, or None when they are revoked, signed out or disabled."""
        return user_of_key(self.api_key) if self.api_key is not None else _user_of_session(self.session_key)


def credentials_of(scope: dict[str, Any]) -> Credentials | None:
    """The credentials of a websocket's handshake; None where a foreign page opened it with our cookies."""
    headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope["headers"]}
    key = bearer(headers.get("authorization", ""))
    if key is not None:
        return Credentials(key, None)
    if not _origin_is_ours(headers.get("origin", ""), headers.get("host", "")):
        return None
    # As Django reads them: Python's own reader gives up at the first odd cookie of another site on this host.
    return Credentials(None, parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME))


def bearer(authorization: str) -> str | None:
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def user_of_key(secret: str) -> User | None:
    key = ApiKey.objects.matching(secret).select_related("user").first()
    if key is None:
        return None
    now = timezone.now()
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key.user


def _user_of_session(session_key: str | None) -> User | None:
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)  # also checks that the password hasn't changed since
    return user if user.is_authenticated and user.is_active else None


def _origin_is_ours(origin: str, host: str) -> bool:
    return bool(origin) and (urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS)
