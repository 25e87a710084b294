"""What is measured: the demo's prompts and agents, each with the cases that it answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agents.demo import content
from agents.evals.runner import Target
from agents.runtime.agents.conversation import Conversation
from agents.runtime.agents.parts import Parts
from agents.runtime.agents.registry import KINDS
from agents.runtime.answers import OutputSpec
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM
from agents.runtime.programs import Interpreter
from agents.runtime.prompts import parse_prompt
from agents.runtime.tools import Tool
from agents.tools import registry
from agents.tools.documents import DocumentIndex

STRATEGIES: Mapping[str, str] = {
    "direct": "Direct answer",
    "zero-shot-cot": "Zero-shot chain of thought",
    "two-stage": "Zero-shot chain of thought, two calls",
    "few-shot-cot": "Few-shot chain of thought (4 examples)",
    "self-consistency": "Self-consistency (5 samples)",
    "least-to-most": "Least-to-most",
    "pal": "Program-aided (PAL)",
}
AGENTS: Mapping[str, str] = {
    "encyclopedia": "zero-shot-react-description, two-hop questions",
    "encyclopedia-docstore": "react-docstore, two-hop questions",
    "encyclopedia-self-ask": "self-ask-with-search, two-hop questions",
    "fact-checker": "react-docstore, claims",
}
CLAIMS = OutputSpec(kind="label", labels=("SUPPORTS", "REFUTES", "NOT ENOUGH INFO"))
FOR_PEOPLE = frozenset({"name", "description", "starters", "commit_message"})
DIGEST = 12  # characters
LIMITS = Limits(timeout_s=900, max_total_tokens=None)


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of a table: what answers which cases. `scorer` is written as on the command line.

    `made_of` is a digest of the prompt and of what the agent is set up with: another one is another subject.
    """

    name: str
    target: Target
    output: OutputSpec
    scorer: str
    cases: Sequence["Case"]
    made_of: str


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    inputs: Mapping[str, Any]
    expected: Any


def strategies(llm: LLM, interpreter: Interpreter, *, cases: int) -> list[Subject]:
    """The demo's prompts for word problems, one for each strategy."""
    problems = word_problems(cases)
    subjects = []
    for name in STRATEGIES:
        described = content.prompt_file(f"math-{name}")
        spec = parse_prompt(described)
        target = Conversation(llm, spec, LIMITS, interpreter)
        subjects.append(Subject(name, target, spec.output, "numeric", problems, digest(described)))
    return subjects


def agents(llm: LLM) -> list[Subject]:
    """The demo's agents that read in the encyclopedia, with its questions and claims."""
    described = {fields["slug"]: fields for fields in content.agents()["agents"]}
    questions = [Case(r["id"], {"input": r["question"]}, [r["answer"], *r["aliases"]]) for r in _rows("questions")]
    claims = [Case(r["id"], {"input": r["claim"]}, r["label"]) for r in _rows("claims")]
    subjects = []
    for name in AGENTS:
        on_claims = name == "fact-checker"
        output, cases = (CLAIMS, claims) if on_claims else (OutputSpec(), questions)
        made_of = digest(described[name], content.prompt_file(name))
        subjects.append(Subject(name, _agent(described[name], llm), output, "normalized", cases, made_of))
    return subjects


def digest(*parts: Mapping[str, Any]) -> str:
    """Of everything in them but the words for people."""
    plain = [{name: value for name, value in part.items() if name not in FOR_PEOPLE} for part in parts]
    return sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:DIGEST]


def word_problems(count: int) -> Sequence[Case]:
    """The first cases of a sample of GSM8K's training split (Cobbe et al. 2021, arXiv 2110.14168)."""
    rows = list(content.rows("gsm8k_train"))[:count]
    return [Case(row["id"], {"input": row["question"]}, row["answer"]) for row in rows]


def _rows(name: str) -> list[dict[str, Any]]:
    return list(content.rows(f"docstore_{name}"))


def _agent(fields: Mapping[str, Any], llm: LLM) -> Target:
    """As the demo has it, without a database."""
    agent_type, spec = fields["agent_type"], parse_prompt(content.prompt_file(fields["slug"]))
    builtins = {tool["slug"]: tool["builtin"] for tool in content.agents()["tools"]}
    index = DocumentIndex(content.articles())
    titles_only = agent_type == "react-docstore"
    tools: list[Tool] = []
    for given in fields["tools"]:
        slug, name = (given, "") if isinstance(given, str) else (given["tool"], given.get("name", ""))
        tools.append(registry.make(builtins[slug], name=name, documents=index, titles_only=titles_only))
    limits = Limits(max_steps=fields["max_steps"], timeout_s=LIMITS.timeout_s, max_total_tokens=None)
    return KINDS[agent_type].make(Parts(llm, spec, tuple(tools), limits))
