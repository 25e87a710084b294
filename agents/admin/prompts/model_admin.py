"""The list of prompts, and the addresses of all their pages."""

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin
from agents.admin.figures import figure_cell, last_figures
from agents.admin.prompts import conversion_page, playground, prompt_page, version_page
from agents.admin.site import site
from agents.models import Prompt
from agents.models.prompts import PRODUCTION
from agents.services.chains import chains_naming
from agents.services.prompts import create_draft, create_prompt, includers_of


class PromptList(ChangeList):
    """A page of prompts, with the score of each asked for all at once."""

    def get_results(self, request):
        super().get_results(request)
        figures = last_figures("version__prompt", [prompt.pk for prompt in self.result_list])
        for prompt in self.result_list:
            prompt.last_figure = figures.get(prompt.pk)


class PromptForm(forms.ModelForm):
    """A prompt's names. Those who include or run it do so by its short name, for ever."""

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if not self.instance.pk or "slug" not in self.changed_data:
            return slug
        if includers := includers_of(self.instance):
            raise ValidationError(f"{', '.join(includers)} include this prompt by its short name, so it must stay.")
        if chains := chains_naming("prompt", self.initial["slug"]):
            named = ", ".join(f"“{chain}”" for chain in chains)
            raise ValidationError(f"A chain runs this prompt by its short name, so it must stay: {named}.")
        return slug


@admin.register(Prompt, site=site)
class PromptAdmin(ParleyAdmin):
    list_display = ("name", "slug", "in_production", "latest", "draft", "last_score")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    form = PromptForm
    fieldsets = ((None, {"fields": ("name", "slug", "description")}),)
    empty_title = "No prompts yet"
    empty_text = "A prompt is kept in versions: write a draft, publish it, measure it on a dataset, and move the label."

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels()

    def get_changelist(self, request, **kwargs):
        return PromptList

    def get_urls(self):
        page = self.admin_site.page
        version = "<int:prompt_id>/versions/<int:number>/"
        return [
            page("<int:prompt_id>/settings/", self.settings, "agents_prompt_settings"),
            page("<int:prompt_id>/draft/", prompt_page.new_draft, "agents_prompt_draft"),
            page("<int:prompt_id>/labels/move/", prompt_page.move, "agents_prompt_label_move"),
            page("<int:prompt_id>/labels/protect/", prompt_page.protect, "agents_prompt_label_protect"),
            page(version, version_page.show, "agents_prompt_version"),
            page(f"{version}publish/", version_page.publish, "agents_prompt_version_publish"),
            page(f"{version}convert/", conversion_page.show, "agents_prompt_version_convert"),
            page(f"{version}discard/", version_page.discard, "agents_prompt_version_discard"),
            page(f"{version}export/", version_page.export, "agents_prompt_version_export"),
            path(f"{version}try/", playground.try_it, name="agents_prompt_version_try"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return prompt_page.show(request, self, object_id)

    def settings(self, request, prompt_id):
        return self.changeform_view(request, str(prompt_id))

    def save_model(self, request, obj, form, change):
        if change:
            obj.save(update_fields=["name", "slug", "description"])
            return
        made = create_prompt(slug=obj.slug, name=obj.name, description=obj.description, author=request.user)
        create_draft(prompt=made, parent=None, author=request.user)
        obj.pk = made.pk
        obj._state.adding = False

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:agents_prompt_version", obj.pk, 1)

    def response_change(self, request, obj):
        return redirect("admin:agents_prompt_change", obj.pk)

    def has_delete_permission(self, request, obj=None):
        """What was published is kept: evaluations and conversations refer to it."""
        return False

    @admin.display(description="production")
    def in_production(self, prompt):
        label = next((label for label in prompt.labels.all() if label.name == PRODUCTION), None)
        return _number(label.version.number) if label else format_html('<span class="faint">not yet</span>')

    @admin.display(description="latest")
    def latest(self, prompt):
        published = [version.number for version in prompt.versions.all() if version.is_published]
        return _number(max(published)) if published else "–"

    @admin.display(description="draft")
    def draft(self, prompt):
        drafts = [version.number for version in prompt.versions.all() if not version.is_published]
        if not drafts:
            return ""
        url = reverse("admin:agents_prompt_version", args=[prompt.pk, max(drafts)])
        return format_html('<a href="{}">draft {}</a>', url, max(drafts))

    @admin.display(description="score")
    def last_score(self, prompt):
        return figure_cell(prompt.last_figure)


def _number(number: int) -> str:
    return format_html('<span class="version">{}</span>', number)
