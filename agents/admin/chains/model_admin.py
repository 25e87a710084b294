"""The list of chains, and the addresses of their pages."""

from django.contrib import admin
from django.urls import path

from agents.admin.base import ParleyAdmin
from agents.admin.chains import page, playground
from agents.admin.site import site
from agents.models import Chain
from agents.services.chains import chains_with

STEPS_SHOWN = 5


@admin.register(Chain, site=site)
class ChainAdmin(ParleyAdmin):
    list_display = ("name", "slug", "steps", "used_by")
    search_fields = ("name", "slug", "description")
    empty_title = "No chains yet"
    empty_text = (
        "A chain runs prompts and agents one after another, each with what the ones before it gave. "
        "Publish two prompts, then add a chain of them."
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("agents", "tools")

    def get_urls(self):
        return [
            path("try/", playground.try_it, name="agents_chain_try_new"),
            path("<int:chain_id>/try/", playground.try_it, name="agents_chain_try"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        return page.show(request, Chain())

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return page.show(request, page.find(object_id))

    def has_delete_permission(self, request, obj=None):
        """One that others run stays: they name it by its slug, which no constraint knows."""
        return super().has_delete_permission(request, obj) and not (obj and chains_with(obj.slug))

    @admin.display(description="steps")
    def steps(self, chain):
        ids = [str(step.get("id", "?")) for step in chain.definition.get("steps", ())]
        return " → ".join([*ids[:STEPS_SHOWN], *(["…"] if len(ids) > STEPS_SHOWN else [])])

    @admin.display(description="used by")
    def used_by(self, chain):
        return ", ".join(row.name for row in (*chain.agents.all(), *chain.tools.all())) or "–"
