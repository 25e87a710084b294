"""Evaluations: planned, run through leases, summed up and compared."""

from agents.services.evaluations.compare import Comparison, ComparisonError, ScorerComparison, compare
from agents.services.evaluations.leases import (
    claim,
    claim_next,
    finish,
    release,
    renew,
    store_results,
    trials_left,
)
from agents.services.evaluations.plan import (
    PlanError,
    cancel_evaluation,
    plan_evaluation,
    resume_evaluation,
    retry_errors,
)
from agents.services.evaluations.rows import CaseSide, ComparisonRow
from agents.services.evaluations.summary import Counts, ScorerSummary, Summary, counts, summary

__all__ = [
    "CaseSide",
    "Comparison",
    "ComparisonError",
    "ComparisonRow",
    "Counts",
    "PlanError",
    "ScorerComparison",
    "ScorerSummary",
    "Summary",
    "cancel_evaluation",
    "claim",
    "claim_next",
    "compare",
    "counts",
    "finish",
    "plan_evaluation",
    "release",
    "renew",
    "resume_evaluation",
    "retry_errors",
    "store_results",
    "summary",
    "trials_left",
]
