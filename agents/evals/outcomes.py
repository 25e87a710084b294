"""What became of a trial, in one word. What failed for another reason is never counted as a wrong answer."""

from typing import Final, Literal

from agents.runtime.answers.refusals import sounds_refused

Outcome = Literal["passed", "failed", "unparseable", "refused", "truncated", "error", "skipped"]

# In the order in which they are reported.
OUTCOMES: Final[tuple[Outcome, ...]] = ("passed", "failed", "unparseable", "refused", "truncated", "error", "skipped")
# These enter the score; error and skipped are left out of it and named.
SCORED: Final = frozenset({"passed", "failed", "unparseable", "refused", "truncated"})


def outcome_of(*, text: str, answered: bool, passed: bool, finish_reason: str) -> Outcome:
    """`refused` and `truncated` only where no answer could be extracted."""
    if answered:
        return "passed" if passed else "failed"
    if finish_reason == "length":
        return "truncated"
    if finish_reason == "content_filter" or sounds_refused(text):
        return "refused"
    return "unparseable"
