"""Signing in by link, and passwords. The rest is Django's own (config/urls.py)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agents.services.accounts import redeem_sign_in_link


@never_cache
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link that the server prints for its first administrator."""
    user = redeem_sign_in_link(token=token)
    if user is None:
        return render(request, "accounts/link_used.html", status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if not user.has_usable_password():
        link = format_html('<a href="{}">Set a password</a>', reverse("password_change"))
        messages.info(request, format_html("The link is used up now. {} to sign in again later.", link))
    return redirect("home")


class SignInForm(AuthenticationForm):
    """After a refusal the password is what is typed again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("username"):
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True


class SignInView(LoginView):
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True
    form_class = SignInForm


class PasswordView(PasswordChangeView):
    """Set a first password, or change one: the old one is asked for only where there is one."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("home")

    def get_form_class(self):
        return PasswordChangeForm if self.request.user.has_usable_password() else SetPasswordForm

    def form_valid(self, form):
        messages.success(self.request, "Your password is set.")
        return super().form_valid(form)
