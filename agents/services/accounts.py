"""Accounts: the first administrator's one-time link, and the keys of programs."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from agents.models import ApiKey, SignInLink, User

LINK_LIFETIME = timedelta(days=1)


def issue_sign_in_link(*, user: User) -> str:
    """A token that signs this person in once; earlier ones that weren't used stop working."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        SignInLink.objects.filter(user=user, used_at=None).delete()
        SignInLink.objects.create(user=user, digest=ApiKey.digest_of(token))
    return token


def redeem_sign_in_link(*, token: str) -> User | None:
    """The person of a link that is good, which it then no longer is; else None."""
    now = timezone.now()
    good = SignInLink.objects.filter(
        digest=ApiKey.digest_of(token), used_at=None, created_at__gt=now - LINK_LIFETIME, user__is_active=True
    )
    link = good.select_related("user").first()
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        return None
    return link.user


def first_administrator() -> User | None:
    """`admin`, as long as nobody has given it a password."""
    admin = User.objects.filter(username="admin", is_active=True).first()
    return admin if admin is not None and not admin.has_usable_password() else None
