"""What our lists and forms share."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime

from agents.admin.deletion import holds_on
from agents.admin.fields import JsonFormField, NativeDate, NativeDateTime
from agents.admin.permissions import may
from agents.admin.site import site
from agents.models.fields import OrderedJSONField


def moment(field: str, description: str):
    """A list's column for a date and time, written as on our pages."""

    @admin.display(description=description, ordering=field)
    def column(row):
        value = getattr(row, field)
        return date_format(localtime(value), "j M Y, H:i") if value else "–"

    return column


def on_or_off(field: str, description: str, words: tuple[str, str] = ("yes", "no")):
    """A list's column for a truth value: a marker with a word."""

    @admin.display(description=description, ordering=field)
    def column(row):
        marker, word = ("is-done", words[0]) if getattr(row, field) else ("", words[1])
        return format_html('<span class="status {}">{}</span>', marker, word)

    return column


class PlainFields:
    """Plain selects without pop-ups, the browser's own date pickers, JSON as text."""

    formfield_overrides = {
        OrderedJSONField: {"form_class": JsonFormField},
        models.DateField: {"widget": NativeDate},
        models.DateTimeField: {"widget": NativeDateTime, "form_class": NativeDateTime.form_class},
    }

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "can_add_related"):
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        if getattr(field, "empty_label", None):
            field.empty_label = "Choose…" if field.required else "None"
        return field


class ParleyAdmin(PlainFields, admin.ModelAdmin):
    """A list without a full count that says what to do when it is empty, and a usual form."""

    show_full_result_count = False
    list_per_page = 50
    actions = None
    # What an empty list says: a sentence and what to do first.
    empty_title = ""
    empty_text = ""

    def changelist_view(self, request, extra_context=None):
        texts = {"title": self.list_title(), "empty_title": self.empty_title, "empty_text": self.empty_text}
        return super().changelist_view(request, {**texts, **(extra_context or {})})

    def render_change_form(self, request, context, *args, **kwargs):
        row = context.get("original")
        texts = {"title": str(row) if row else f"Add {self.opts.verbose_name}", "list_name": self.list_title()}
        return super().render_change_form(request, {**context, **texts}, *args, **kwargs)

    def message_user(self, request, message, level=messages.INFO, *args, **kwargs):
        """What Django says after a save names the kind of row and what else could be done; its name is enough."""
        saved = getattr(request, "saved", None)
        if level == messages.SUCCESS and saved is not None:
            message = f"“{saved}” is saved."
        super().message_user(request, message, level, *args, **kwargs)

    def response_add(self, request, obj, post_url_continue=None):
        request.saved = obj
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        request.saved = obj
        return super().response_change(request, obj)

    def render_delete_form(self, request, context):
        row = context["object"]
        kept = context["perms_lacking"] or context["protected"]
        title = f"{row} can't be deleted" if kept else f"Delete {row}?"
        holds = holds_on(row, request=request, site=self.admin_site) if kept else []
        texts = {"title": title, "holds": holds, "list_name": self.list_title()}
        return super().render_delete_form(request, {**context, **texts})

    def list_title(self) -> str:
        name = str(self.opts.verbose_name_plural)
        return name[:1].upper() + name[1:]

    def page_context(self, request: HttpRequest, **context) -> dict:
        return {**self.admin_site.each_context(request), "opts": self.opts, **context}


class PlainTabular(PlainFields, admin.TabularInline):
    """Rows inside a form."""

    extra = 1

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Named one by one: the head of a column is no label, and on phones there is none."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = capfirst(field.label)
        return field


def note(request: HttpRequest, row: models.Model, what: str) -> None:
    """Write into the history of a row who did what."""
    site.get_model_admin(type(row)).log_change(request, row, what)


def require(request: HttpRequest, permission: str) -> None:
    if not may(request.user, permission):
        raise PermissionDenied
