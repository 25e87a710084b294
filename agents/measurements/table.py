"""The table of a measurement, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median

from agents.evals.statistics import wilson
from agents.measurements.journal import Line
from agents.runtime.llm import Price, Usage

# A small hosted model's, so that the cost of tokens can be compared at all: the local model costs none.
REFERENCE = Price(input=Decimal("0.15"), output=Decimal("0.60"))
HEAD = (
    "| | right | 95 % interval | calls a case | tokens in + out a case | cost of 1,000 cases | median time |\n"
    "|---|---|---|---|---|---|---|"
)


def table(lines: Iterable[Line], titles: Mapping[str, str]) -> str:
    """One row for each subject that has trials, in the order of `titles`. Errors are left out and named."""
    by_subject: dict[str, list[Line]] = {}
    for line in lines:
        by_subject.setdefault(line.subject, []).append(line)
    return "\n".join([HEAD, *(_row(titles[name], by_subject[name]) for name in titles if name in by_subject)])


def _row(title: str, lines: Sequence[Line]) -> str:
    judged = [line for line in lines if line.outcome != "error"]
    errors = len(lines) - len(judged)
    n, right = len(judged), sum(line.passed for line in judged)
    low, high = wilson(right / n, n) if n else (0.0, 1.0)
    cells = (
        f"{title}{f' ({errors} errors)' if errors else ''}",
        f"**{right} of {n}**",
        f"{low:.0%} to {high:.0%}",
        f"{_mean(line.calls for line in judged):.1f}",
        f"{_mean(line.input_tokens for line in judged):,.0f} + {_mean(line.output_tokens for line in judged):,.0f}",
        f"${_cost(judged):.2f}",
        f"{median(line.seconds for line in judged):.1f} s" if judged else "–",
    )
    return f"| {' | '.join(cells)} |"


def _mean(values: Iterable[int]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _cost(lines: Sequence[Line]) -> Decimal:
    if not lines:
        return Decimal(0)
    used = Usage(sum(line.input_tokens for line in lines), sum(line.output_tokens for line in lines))
    return REFERENCE.of(used) * 1000 / len(lines)
