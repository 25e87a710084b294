"""What a permission opens."""

from agents.models import User


def may(user: User, permission: str) -> bool:
    """As everywhere in Django's admin, who may change something may also look at it."""
    return user.has_perm(permission) or (
        ".view_" in permission and user.has_perm(permission.replace("view_", "change_"))
    )
