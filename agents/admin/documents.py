"""Document collections and the documents in them."""

from django.contrib import admin
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment
from agents.admin.site import site
from agents.models import Document, DocumentCollection


@admin.register(DocumentCollection, site=site)
class DocumentCollectionAdmin(ParleyAdmin):
    list_display = ("name", "slug", "documents_in_it", moment("updated_at", "changed"))
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    empty_title = "No documents yet"
    empty_text = "A collection holds the articles that the Search and Lookup tools of an agent read."
    fieldsets = ((None, {"fields": ("name", "slug", "description")}),)

    def list_title(self) -> str:
        return "Documents"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(size=Count("documents"))

    @admin.display(description="documents", ordering="size")
    def documents_in_it(self, collection):
        url = reverse("admin:agents_document_changelist")
        return format_html(
            '<a href="{}?collection__id__exact={}" class="num">{}</a>', url, collection.pk, collection.size
        )


@admin.register(Document, site=site)
class DocumentAdmin(ParleyAdmin):
    list_display = ("title", "collection", "beginning")
    list_select_related = ("collection",)
    list_filter = ("collection",)
    search_fields = ("title",)
    empty_title = "No documents here"
    empty_text = "Add an article: its first paragraph is the summary that a search shows."

    @admin.display(description="begins with")
    def beginning(self, document):
        return document.text[:90] + ("…" if len(document.text) > 90 else "")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        # The one it was in before, too.
        _touch(obj.collection_id, form.initial.get("collection"))

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        _touch(obj.collection_id)


def _touch(*collection_ids: int | None) -> None:
    """So that the index of each is made again."""
    DocumentCollection.objects.filter(pk__in=collection_ids).update(updated_at=timezone.now())
