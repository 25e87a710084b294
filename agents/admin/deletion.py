"""What keeps a row from being deleted: counted, and with the way there."""

from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows of one kind that refer to the one that should go."""

    what: str
    url: str


def holds_on(row: models.Model, *, request: HttpRequest, site: AdminSite) -> list[Hold]:
    """Only what stays: rows that are protected, or that this person may not delete."""
    found = []
    for relation in row._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: row})
        if _goes_along(relation, request, site) or not (count := rows.count()):
            continue
        opts = relation.related_model._meta
        name = opts.verbose_name if count == 1 else opts.verbose_name_plural
        found.append(Hold(f"{count:,} {name}", _list_of(relation, row, request, site)))
    return found


def _goes_along(relation, request: HttpRequest, site: AdminSite) -> bool:
    if relation.on_delete in (models.PROTECT, models.RESTRICT):
        return False
    if relation.on_delete is not models.CASCADE or not site.is_registered(relation.related_model):
        return True
    return site.get_model_admin(relation.related_model).has_delete_permission(request)


def _list_of(relation, row: models.Model, request: HttpRequest, site: AdminSite) -> str:
    """The list of them, or nothing where there is none that this person may open."""
    model = relation.related_model
    if not site.is_registered(model) or not site.get_model_admin(model).has_view_permission(request):
        return ""
    opts = model._meta
    return (
        f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{relation.field.name}__id__exact={row.pk}"
    )
