"""The one admin site of the project."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from agents.admin import start
from agents.admin.navigation import sections_for


class ParleyAdminSite(admin.AdminSite):
    """Django's admin behind our own sign-in, with a start page and a navigation in our words."""

    site_header = "Parley"
    site_title = "Parley admin"
    index_title = "Start"
    enable_nav_sidebar = False
    empty_value_display = "–"

    def each_context(self, request: HttpRequest) -> dict:
        return {**super().each_context(request), "sections": sections_for(request)}

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {
            **self.each_context(request),
            "title": "Start",
            **start.context_for(request),
            **(extra_context or {}),
        }
        return render(request, "admin/start.html", context)

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict | None = None) -> HttpResponse:
        """Lists of models are not how this admin is entered."""
        return redirect("admin:index")

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Sign-in is the chat's own page; who is signed in and still comes here may not enter."""
        if request.user.is_authenticated and not self.has_permission(request):
            return render(request, "admin/refused.html", {"title": "Staff only"}, status=403)
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", "/admin/"), "sign_in")

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return LogoutView.as_view(next_page="sign_in")(request)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("password_change")

    def page(self, route: str, view, name: str):
        """A page of our own: staff only, never cached, its state in the address."""
        return path(route, self.admin_view(view), name=name)


site = ParleyAdminSite()
