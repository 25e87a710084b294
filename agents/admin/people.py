"""People, groups and the API keys of their programs."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment, on_or_off, require
from agents.admin.site import site
from agents.models import ApiKey, User

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


class IssueForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label="Person", help_text="The key acts for them."
    )
    name = forms.CharField(max_length=100, label="What is it for?", help_text="Such as “nightly evaluation”.")


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(ParleyAdmin):
    list_display = (
        "prefix_shown",
        "name",
        "user",
        moment("created_at", "issued"),
        moment("last_used_at", "last used"),
        "state",
    )
    list_select_related = ("user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix", "user__username")
    list_display_links = None
    empty_title = "No API keys yet"
    empty_text = (
        "A key lets a program talk to agents through the OpenAI-compatible API at /v1, in the name of a person."
    )

    def list_title(self) -> str:
        return "API keys"

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        return [
            self.admin_site.page("<int:key_id>/revoke/", self.revoke, "agents_apikey_revoke"),
            *super().get_urls(),
        ]

    @admin.display(description="key", ordering="prefix")
    def prefix_shown(self, key):
        return format_html("<code>{}…</code>", key.prefix)

    @admin.display(description="state", ordering="revoked_at")
    def state(self, key):
        if key.revoked_at:
            return format_html('<span class="state state--off">revoked {}</span>', key.revoked_at.date())
        url = reverse("admin:agents_apikey_revoke", args=[key.pk])
        return format_html('<span class="state state--done">in use</span> <a href="{}">Revoke…</a>', url)

    def add_view(self, request, form_url="", extra_context=None):
        """The answer to the POST itself shows the key: it is stored nowhere, so no redirect could show it later."""
        require(request, "agents.add_apikey")
        form = IssueForm(request.POST or None, initial={"user": request.user.pk})
        secret = None
        if request.method == "POST" and form.is_valid():
            key, secret = ApiKey.issue(user=form.cleaned_data["user"], name=form.cleaned_data["name"])
            self.log_addition(request, key, "Issued.")
        context = self.page_context(request, title="Issue an API key", form=form, secret=secret)
        return render(request, "admin/agents/apikey/issue.html", context)

    def revoke(self, request, key_id):
        require(request, "agents.change_apikey")
        key = get_object_or_404(ApiKey.objects.select_related("user"), pk=key_id)
        if request.method == "POST":
            ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
            self.log_change(request, key, "Revoked.")
            messages.success(
                request, f"The key {key.prefix}… is revoked: programs that use it are refused from now on."
            )
            return redirect("admin:agents_apikey_changelist")
        context = self.page_context(request, title="Revoke this API key?", key=key)
        return render(request, "admin/agents/apikey/revoke.html", context)
