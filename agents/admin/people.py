"""People and groups."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment, on_or_off
from agents.admin.grants import GrantForm, GrantsChecked, GroupForm, may_change, may_set_password
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


def yes_or_no(title: str):
    """A list's filter by a truth value, titled as the form and the list call it."""

    class Filter(admin.BooleanFieldListFilter):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.title = title

    return Filter


class NewPersonForm(UserCreationForm):
    """Name and password: everybody here signs in with one."""

    class Meta(UserCreationForm.Meta):
        model = User


class PasswordForm(AdminPasswordChangeForm):
    """A new password, or none: that is a button, not a choice beside the fields."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)

    def clean(self):
        self.cleaned_data["usable_password"] = "false" if "unset-password" in self.data else "true"
        return super().clean()


class PersonForm(GrantForm, UserChangeForm):
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
class PersonAdmin(GrantsChecked, PermissionsAsList, ParleyAdmin, UserAdmin):
    list_display = (
        "username",
        "full_name",
        "email",
        on_or_off("is_staff", "staff"),
        on_or_off("is_superuser", "administrator"),
        on_or_off("is_active", "may sign in"),
        moment("last_login", "last sign-in"),
    )
    list_filter = (
        ("is_staff", yes_or_no("staff")),
        ("is_superuser", yes_or_no("administrator")),
        ("is_active", yes_or_no("may sign in")),
    )
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = PasswordForm
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
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

    def get_readonly_fields(self, request, obj=None):
        return ("signs_in",) if request.user.is_superuser else ("signs_in", "is_superuser")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or may_change(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or may_change(request.user, obj))

    def user_change_password(self, request, id, form_url=""):
        person = self.get_object(request, id)
        if person is not None and not may_set_password(request.user, person):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    @admin.display(description="password")
    def signs_in(self, person):
        said = "Set." if person.has_usable_password() else "None: can't sign in by password."
        url = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('{} <a href="{}">Set a new one</a>', said, url)

    @admin.display(description="name", ordering="last_name")
    def full_name(self, person):
        return person.get_full_name() or "–"


@admin.register(Group, site=site)
class TeamAdmin(GrantsChecked, PermissionsAsList, ParleyAdmin, GroupAdmin):
    form = GroupForm
    filter_horizontal = ()
    empty_title = "No groups yet"
    empty_text = "A group is a set of permissions that people share, such as prompt editors or reviewers."
