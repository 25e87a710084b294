"""The admin: importing it registers everything that agents have."""

from agents.admin import (
    agents,
    api_keys,
    chains,
    datasets,
    documents,
    evaluations,
    language_models,
    people,
    prompts,
    traces,
)
from agents.admin.site import site

__all__ = [
    "agents",
    "api_keys",
    "chains",
    "datasets",
    "documents",
    "evaluations",
    "language_models",
    "people",
    "prompts",
    "site",
    "traces",
]
