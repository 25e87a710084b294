"""Where every address leads."""

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

import chat.admin  # noqa: F401  registers the log
from agents.admin.site import site
from chat.accounts import PasswordView, SignInView, sign_in_by_link


def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


sign_in = SignInView.as_view()

urlpatterns = [
    path("healthz", healthz),
    path("accounts/sign-in/", sign_in, name="sign_in"),
    path("accounts/sign-out/", auth.LogoutView.as_view(), name="sign_out"),
    path("accounts/link/<str:token>/", sign_in_by_link, name="sign_in_link"),
    path("accounts/password/", PasswordView.as_view(), name="password_change"),
    path("admin/", site.urls),
    path("v1/", include("chat.api.urls")),
    path("", include("chat.urls")),
]

handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
