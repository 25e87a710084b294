"""People, and the keys their programs use."""

import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """A person who chats, edits or reviews. Custom from the first migration, so that it can grow."""

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None, user__is_active=True)

    def matching(self, secret: str) -> "ApiKeyQuerySet":
        return self.usable().filter(digest=ApiKey.digest_of(secret))


class ApiKey(models.Model):
    """A bearer key. Only its SHA-256 is kept: the key has 256 random bits, so a slow hash would add nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name or self.user})"

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, *, user: User, name: str = "") -> tuple["ApiKey", str]:
        """A new key and its secret, which can't be shown again."""
        secret = "pk-" + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, prefix=secret[:10], digest=cls.digest_of(secret)), secret


class SignInLink(models.Model):
    """A link that signs a person in once, printed at start until `admin` has a password."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"
