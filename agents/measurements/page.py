"""The page in `docs/measurements` that says what was measured and how, with the table as it is now."""

from collections.abc import Sequence
from typing import Final

from agents.measurements import subjects
from agents.measurements.journal import Line
from agents.measurements.table import REFERENCE, table

TITLES: Final = {"strategies": subjects.STRATEGIES, "agents": subjects.AGENTS}
ABOUT: Final = {
    "strategies": """\
# Strategies on word problems

The first cases of a sample of GSM8K's training split (Cobbe et al. 2021, MIT licence), each put once to the
demo's prompt of each strategy, at temperature 0 but for the samples of self-consistency. An answer is right
when the number is. None of the four worked examples is a case. Training cases may be known to the model:
compare the rows, not the level.""",
    "agents": """\
# Agents on questions and claims

The demo's agents over its encyclopedia of 49 short articles: 20 questions that need two articles each, right by
exact match after lower-casing and removing articles and punctuation (aliases count); and 12 claims that are
supported, refuted or neither. With the same model and articles LangChain's classic agents answered 1 of 18
(zero-shot-react-description) and 0 of 20 (react-docstore), mostly ended by their step limit.""",
}


def page(what: str, lines: Sequence[Line]) -> str:
    """Markdown. Models are those that the trials name; more than one would be said."""
    models = ", ".join(sorted({line.model for line in lines})) or "none yet"
    return f"""{ABOUT[what]}

Model: {models}. Cases were put one after another, on two cores without an accelerator. The interval is
Wilson's. The cost is what the tokens would cost at ${REFERENCE.input} per million read and ${REFERENCE.output}
per million written, without any discount for cached ones: the local model costs none.

{table(lines, TITLES[what])}

Each trial is a line of `{what}.jsonl`. `manage.py measure {what}` goes on where it stopped, and writes this page;
with `--only NAME --anew` it measures a row from the beginning.
"""
