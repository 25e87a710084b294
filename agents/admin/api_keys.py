"""The API keys of people's programs: issued once, revoked, never changed."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment, require
from agents.admin.site import site
from agents.models import ApiKey, User


class IssueForm(forms.Form):
    """A key reads and writes all that its person may: only administrators, who may anyway, make one for others."""

    user = forms.ModelChoiceField(User.objects.none(), label="Person", help_text="The key acts for them.")
    name = forms.CharField(max_length=100, label="What is it for?", help_text="Such as “nightly evaluation”.")

    def __init__(self, *args, issuer: User, **kwargs):
        super().__init__(*args, initial={"user": issuer.pk}, **kwargs)
        field, people = self.fields["user"], User.objects.filter(is_active=True)
        field.queryset = people
        if not issuer.is_superuser:
            field.queryset = people.filter(pk=issuer.pk)
            field.error_messages["invalid_choice"] = "Only administrators issue keys for others."


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
        form = IssueForm(request.POST or None, issuer=request.user)
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
