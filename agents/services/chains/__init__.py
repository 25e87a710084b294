"""Chains: checked, saved, and as they would run now."""

from agents.services.chains.catalogue import TYPES_WITH_OUTPUT, RowCatalogue
from agents.services.chains.changes import chains_naming, chains_with, check_chain, frozen, save_chain, spec_in_use

__all__ = [
    "TYPES_WITH_OUTPUT",
    "RowCatalogue",
    "chains_naming",
    "chains_with",
    "check_chain",
    "frozen",
    "save_chain",
    "spec_in_use",
]
