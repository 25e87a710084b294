"""The lists and forms of models and of the providers that serve them."""

from django.contrib import admin
from django.urls import path
from django.utils.html import format_html_join

from agents.admin.base import ParleyAdmin, PlainTabular
from agents.admin.language_models.abilities import LanguageModelForm
from agents.admin.language_models.findings import findings
from agents.admin.language_models.forget_page import forget_it
from agents.admin.language_models.probe_page import probe_it
from agents.admin.site import site
from agents.models import LanguageModel, ModelPrice, Provider


class PriceInline(PlainTabular):
    model = ModelPrice
    verbose_name = "price"
    verbose_name_plural = "prices, in US dollars per million tokens"


@admin.register(LanguageModel, site=site)
class LanguageModelAdmin(ParleyAdmin):
    form = LanguageModelForm
    inlines = [PriceInline]
    readonly_fields = ("found_out",)
    list_display = ("slug", "name", "served_by", "context_window")
    list_select_related = ("provider",)
    search_fields = ("slug", "name")
    empty_title = "No models are named here"
    empty_text = (
        "Prompts use “default”, the model of the connected server. "
        "Add a model to give it a short name, its prices, or another provider."
    )
    fieldsets = (
        (None, {"fields": (("slug", "name"), "provider")}),
        ("What it can take", {"fields": ("context_window",)}),
        (
            "What its server understands",
            {
                "fields": (
                    ("tools", "parallel_tools"),
                    ("json_schema", "json_object"),
                    ("stop", "n", "temperature"),
                    ("system_role", "alternate_roles", "reasoning_roundtrip"),
                    "found_out",
                ),
                "description": (
                    "Automatic: everything is tried, and what the server refuses is remembered. "
                    "“Probe” asks it with a few small calls; “Forget” drops what was found out, the window among it."
                ),
            },
        ),
    )

    def get_urls(self):
        probe = path("<int:model_id>/probe/", probe_it, name="agents_languagemodel_probe")
        forget = self.admin_site.admin_view(forget_it)
        forget = path("<int:model_id>/forget/", forget, name="agents_languagemodel_forget")
        return [probe, forget, *super().get_urls()]

    @admin.display(description="found out beside that")
    def found_out(self, model):
        return (
            format_html_join("\n", "<p>{}</p>", ((text,) for text in findings(model.capabilities)))
            or "Nothing out of the usual."
        )

    def list_title(self) -> str:
        return "Models"

    @admin.display(description="served by", ordering="provider__name")
    def served_by(self, model):
        return model.provider or "the default server"


@admin.register(Provider, site=site)
class ProviderAdmin(ParleyAdmin):
    list_display = ("name", "address", "key_variable")
    search_fields = ("name",)
    empty_title = "No other providers"
    empty_text = "The default server is set where Parley is started. Add a provider to use models of a second one."

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "base_url":
            kwargs |= {"label": "Base URL", "assume_scheme": "https"}
        if db_field.name == "api_key_variable":
            kwargs["label"] = "Variable with the API key"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="base URL", ordering="base_url")
    def address(self, provider):
        return provider.base_url

    @admin.display(description="variable with the API key", ordering="api_key_variable")
    def key_variable(self, provider):
        return provider.api_key_variable or "–"
