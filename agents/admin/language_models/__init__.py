"""Models and the providers that serve them: the lists, the forms, and the question what a server understands."""

from agents.admin.language_models.model_admin import LanguageModelAdmin, ProviderAdmin

__all__ = ["LanguageModelAdmin", "ProviderAdmin"]
