"""What is measured: the demo's prompts and agents, each with the cases that it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.demo import content
from agents.evals.runner import Target
from agents.runtime.agents.conversation import Conversation
from agents.runtime.answers import OutputSpec
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM
from agents.runtime.programs import Interpreter
from agents.runtime.prompts import parse_prompt

STRATEGIES: Mapping[str, str] = {
    "direct": "Direct answer",
    "zero-shot-cot": "Zero-shot chain of thought",
    "two-stage": "Zero-shot chain of thought, two calls",
    "few-shot-cot": "Few-shot chain of thought (4 examples)",
    "self-consistency": "Self-consistency (5 samples)",
    "least-to-most": "Least-to-most",
    "pal": "Program-aided (PAL)",
}
LIMITS = Limits(timeout_s=900, max_total_tokens=None)


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of a table. `scorer` is written as on the command line."""

    name: str
    title: str
    target: Target
    output: OutputSpec
    scorer: str


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    inputs: Mapping[str, Any]
    expected: Any


def strategies(llm: LLM, interpreter: Interpreter) -> list[Subject]:
    """The demo's prompts for word problems, one for each strategy."""
    subjects = []
    for name, title in STRATEGIES.items():
        spec = parse_prompt(content.prompt_file(f"math-{name}"))
        target = Conversation(llm, spec, LIMITS, interpreter)
        subjects.append(Subject(name, title, target, spec.output, "numeric"))
    return subjects


def word_problems(count: int) -> Sequence[Case]:
    """The first cases of a sample of GSM8K's training split (Cobbe et al. 2021, arXiv 2110.14168)."""
    rows = list(content.rows("gsm8k_train"))[:count]
    return [Case(row["id"], {"input": row["question"]}, row["answer"]) for row in rows]
