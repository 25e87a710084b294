"""Evaluations in the admin: the list, starting one, its page, and two side by side."""

from agents.admin.evaluations.model_admin import EvaluationAdmin

__all__ = ["EvaluationAdmin"]
