"""Chains in the admin: the list, the editor with all its rows, and one real try."""

from agents.admin.chains.model_admin import ChainAdmin

__all__ = ["ChainAdmin"]
