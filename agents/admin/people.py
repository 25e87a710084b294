"""People and groups."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment, on_or_off
from agents.admin.site import site
from agents.models import User

OUR_APPS = ("agents", "chat")


class PermissionChoice(forms.ModelMultipleChoiceField):
    """Permissions as a list of sentences, ours only."""

    def __init__(self, *args, **kwargs):
        kwargs.pop("queryset", None)
        queryset = Permission.objects.filter(content_type__app_label__in=OUR_APPS).select_related("content_type")
        super().__init__(queryset, *args, **kwargs)

    def label_from_instance(self, permission):
        return permission.name


class PermissionsAsList:
    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name in ("permissions", "user_permissions"):
            widget = forms.CheckboxSelectMultiple
            return PermissionChoice(required=False, label=db_field.verbose_name.capitalize(), widget=widget)
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = "A person may do what any of their groups may do."
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PersonForm(UserChangeForm):
    """The person without the password field: not even a part of its hash is shown."""

    password = None

    class Meta(UserChangeForm.Meta):
        model = User
        labels = {"is_active": "May sign in", "is_staff": "Staff", "is_superuser": "Administrator"}
        help_texts = {
            "username": "The name to sign in with.",
            "is_active": "Take this away instead of deleting the account: what was said is kept.",
            "is_staff": "May open this admin, and there do what the permissions allow.",
            "is_superuser": "May do everything.",
        }


@admin.register(User, site=site)
class PersonAdmin(PermissionsAsList, ParleyAdmin, UserAdmin):
    list_display = (
        "username",
        "full_name",
        "email",
        on_or_off("is_staff", "staff"),
        on_or_off("is_active", "may sign in"),
        moment("last_login", "last sign-in"),
    )
    list_filter = ("is_staff", "is_superuser", "is_active")
    form = PersonForm
    readonly_fields = ("signs_in",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "signs_in")}),
        ("Person", {"fields": (("first_name", "last_name"), "email")}),
        ("What they may do", {"fields": (("is_active", "is_staff", "is_superuser"), "groups")}),
        ("Single permissions", {"classes": ("collapse",), "fields": ("user_permissions",)}),
    )

    def list_title(self) -> str:
        return "People"

    def get_fieldsets(self, request, obj=None):
        return UserAdmin.get_fieldsets(self, request, obj)

    @admin.display(description="password")
    def signs_in(self, person):
        said = "Set." if person.has_usable_password() else "None: can't sign in by password."
        url = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('{} <a href="{}">Set a new one</a>', said, url)

    @admin.display(description="name", ordering="last_name")
    def full_name(self, person):
        return person.get_full_name() or "–"


@admin.register(Group, site=site)
class TeamAdmin(PermissionsAsList, ParleyAdmin, GroupAdmin):
    filter_horizontal = ()
    empty_title = "No groups yet"
    empty_text = "A group is a set of permissions that people share, such as prompt editors or reviewers."
