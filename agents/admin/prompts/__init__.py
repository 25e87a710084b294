"""Prompts in the admin: the list, a prompt's page, and the pages of its versions."""

from agents.admin.prompts.model_admin import PromptAdmin

__all__ = ["PromptAdmin"]
