"""Who may give whom what: nobody gives, or takes over, more than they may do themselves."""

from collections.abc import Iterable

from django import forms
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import Q

from agents.models import User


def may_change(changer: User, person: User) -> bool:
    """Administrators are changed by administrators: a new name or password would be a way to their rights."""
    return changer.is_superuser or not person.is_superuser


def may_set_password(changer: User, person: User) -> bool:
    """Who sets a password can sign in with it. Also what an inactive person could do when active again counts."""
    if changer.is_superuser or changer.pk == person.pk:
        return True
    held = Permission.objects.filter(Q(user=person) | Q(group__user=person))
    return not person.is_superuser and not missing(changer, held)


def missing(giver: User, permissions: Iterable[Permission]) -> list[str]:
    """The names of those that the giver doesn't have."""
    own = giver.get_all_permissions()
    return sorted({one.name for one in permissions if f"{one.content_type.app_label}.{one.codename}" not in own})


class GrantForm(forms.ModelForm):
    """Checks what is newly given; what somebody else gave before may stay."""

    giver: User  # set by GrantsChecked

    def clean_permissions(self):
        return self._checked("permissions", lambda added: added)

    def clean_user_permissions(self):
        return self._checked("user_permissions", lambda added: added)

    def clean_groups(self):
        return self._checked("groups", lambda added: Permission.objects.filter(group__in=added))

    def _checked(self, name: str, permissions_of):
        chosen = self.cleaned_data[name]
        before = getattr(self.instance, name).all() if self.instance.pk else ()
        if lacking := missing(self.giver, permissions_of(set(chosen) - set(before))):
            raise ValidationError(f"You can give only what you may do yourself, and not: {', '.join(lacking)}.")
        return chosen


class GroupForm(GrantForm):
    class Meta:
        model = Group
        fields = ("name", "permissions")


class GrantsChecked:
    """An admin whose form knows who is giving."""

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"giver": request.user})
