"""Numbers and scorers in the words of people who know no statistics."""

from agents.services.evaluations import Summary

SCORERS = {
    "exact": "spelled just as expected",
    "normalized": "as expected, whatever its case, articles and punctuation",
    "contains": "the expected text occurs in the reply",
    "regex": "the reply matches the pattern",
    "numeric": "the expected number",
    "choice": "the expected letter or choice",
    "label": "the expected label",
    "json": "the same JSON value as expected",
}

ENDINGS = {
    "finished": "answered",
    "max_steps": "ran out of steps",
    "timeout": "ran out of time",
    "token_budget": "ran out of tokens",
    "cost_budget": "ran over its budget",
    "loop": "went in circles",
    "format_errors": "lost the format",
}
# Codes of failures: of the model's server, of a run, of tools.
ERRORS = {
    "rate_limited": "too many requests",
    "quota": "no credit left at the provider",
    "timeout": "no answer in time",
    "overloaded": "the model's server was overloaded",
    "context_overflow": "too long for the model",
    "content_filter": "stopped by a content filter",
    "unsupported": "the model can't call functions",
    "auth": "the API key was refused",
    "not_found": "the server doesn't know the model",
    "bad_request": "the server refused the request",
    "protocol": "the server's reply was unreadable",
    "unreachable": "the server couldn't be reached",
    "broken_off": "the answer broke off",
    "no_model": "no model is connected",
    "not_configured": "the tool is not set up",
    "bad_input": "the tool couldn't use its input",
    "unavailable": "the tool couldn't be reached",
    "bad_response": "the tool's reply was unreadable",
    "internal": "a failure of Parley's own",
}
MARKERS = {"failed": "is-failed", "running": "is-running", "queued": "is-running"}


def ending(state: str, stop_reason: str) -> tuple[str, str]:
    """How a run ended, as a marker's class and a word: one that was stopped at a limit did not simply succeed."""
    if state == "succeeded":
        whole = stop_reason in ("", "finished")
        return "is-done" if whole else "is-warning", ENDINGS.get(stop_reason or "finished", stop_reason)
    return MARKERS.get(state, "is-warning"), state


def error_in_words(code: str) -> str:
    return ERRORS.get(code, code.replace("_", " ") or "a failure without a name")


def scorer_in_words(name: str) -> str:
    """What counts as right, such as “within 1 of the expected number” for numeric:abs=1."""
    kind, _, options = str(name).partition(":")
    if kind == "numeric" and options:
        given = dict(option.partition("=")[::2] for option in options.split(","))
        limits = [
            given[key] if key == "abs" else f"{given[key]} times its size" for key in ("abs", "rel") if key in given
        ]
        return f"within {' or '.join(limits)} of the expected number"
    if kind == "regex" and options:
        return f"the reply matches {options}"
    return SCORERS.get(kind, str(name))


def percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * 100:.0f} %"


def between(interval: tuple[float, float] | None) -> str:
    return f"between {percent(interval[0])} and {percent(interval[1])}" if interval else ""


def cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def score_sentence(summary: Summary) -> str:
    """Such as “29 of 42 right: 69 %, between 54 % and 81 %.”"""
    if summary.score is None:
        return "Nothing is scored yet."
    passed = summary.outcomes["passed"]
    counted = summary.scored and abs(summary.score - passed / summary.scored) < 1e-9
    head = (
        f"{passed} of {summary.scored} right: {percent(summary.score)}"
        if counted
        else f"Score {percent(summary.score)}"
    )
    return f"{head}, {between(summary.interval)}." if summary.interval else f"{head}."


def duration(seconds: float | None) -> str:
    """Such as 0.8 s, 45 s, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
