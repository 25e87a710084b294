"""What is said where an address leads nowhere: in the words of the part of the site that was asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agents.admin.site import site
from chat.api.errors import ApiError


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/v1/"):
        return ApiError(404, "not_found", f"There is nothing at {request.path}.").response()
    if request.path.startswith("/admin/") and site.has_permission(request):
        context = {**site.each_context(request), "title": "Nothing here"}
        return render(request, "admin/404.html", context, status=404)
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not for a form without its token: that has a page of its own."""
    if request.path.startswith("/admin/") and site.has_permission(request):
        context = {**site.each_context(request), "title": "Not allowed"}
        return render(request, "admin/403.html", context, status=403)
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/v1/"):
        return ApiError(
            500, "internal", "Something went wrong on our side. The server's log has the details."
        ).response()
    return render(request, "500.html", status=500)
