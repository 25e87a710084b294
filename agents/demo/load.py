"""Bring the demo into an empty installation, once."""

import asyncio
import dataclasses
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents import build
from agents.demo import content, recordings
from agents.demo.recordings import RecordedLLM
from agents.evals.runner import TrialResult
from agents.evaluator import LIMITS, measure, trials_of
from agents.models import (
    Agent,
    AgentTool,
    Dataset,
    Document,
    DocumentCollection,
    Evaluation,
    Prompt,
    PromptVersion,
    User,
)
from agents.models import Tool as ToolRow
from agents.services import evaluations
from agents.services.datasets import import_cases
from agents.services.prompts import import_prompt
from agents.tools import docstore, llm_math

PROMPTS = ("assistant", "encyclopedia", content.SCORED_PROMPT)
COLLECTION = "encyclopedia"


@transaction.atomic
def load_demo() -> bool:
    """All of the demo or nothing; False when it has been loaded before, whatever has become of it since."""
    if not User.objects.filter(is_superuser=True).exists():
        User.objects.create_superuser("admin", password=None)
    if Prompt.objects.filter(slug__in=PROMPTS).exists():
        return False
    assistant, encyclopedia, *versions = (
        import_prompt(data=content.prompt_file(name)).version for name in (*PROMPTS[:2], *content.VERSIONS)
    )
    dataset = _dataset()
    for version, name in zip(versions, content.VERSIONS, strict=True):
        _play_back(version, dataset, name)
    _agents(assistant.prompt, encyclopedia.prompt, versions[0].prompt)
    return True


def _dataset() -> Dataset:
    text = recordings.to_lines(content.cases())
    name, about = (
        "Controversy, held out",
        "Short texts with a controversy score from 0 to 10; none of them is an example.",
    )
    dataset = import_cases(slug=content.DATASET, name=name, text=text, file_format="jsonl").dataset
    dataset.description = about
    dataset.save(update_fields=["description"])
    return dataset


def _play_back(version: PromptVersion, dataset: Dataset, name: str) -> None:
    """Score what was recorded, by the way that any evaluation takes."""
    recording = recordings.read(content.recording_path(name))
    plan = evaluations.plan_evaluation(
        version=version, dataset=dataset, scorers=content.SCORERS, runner=Evaluation.Runner.COMMAND
    )
    results: list[TrialResult] = []
    played = measure(
        plan,
        trials_of(evaluations.trials_left(plan)),
        agent=build.agent_of_version(version, RecordedLLM(recording), LIMITS),
        spec=build.spec_of(version),
        on_result=results.append,
    )
    asyncio.run(played)
    evaluations.store_results(plan, results)
    Evaluation.objects.filter(pk=plan.pk).update(
        state=Evaluation.State.DONE,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        recorded_at=recording.recorded_at,
        model_used=recording.model,
    )


def _agents(assistant: Prompt, encyclopedia: Prompt, controversy: Prompt) -> None:
    Agent.objects.create(
        slug="assistant",
        name="Assistant",
        description="Talks about anything, and remembers what was said.",
        prompt=assistant,
        order=10,
        starters=[
            "Explain how a rainbow comes about, in three sentences.",
            "Write a polite e-mail that moves a meeting to Thursday.",
            "What should I see in one day in a city I don't know?",
        ],
    )
    reader = Agent.objects.create(
        slug="encyclopedia",
        name="Encyclopedia",
        description="Looks things up in a small encyclopedia, calculates, and shows each step.",
        agent_type=Agent.Type.ZERO_SHOT_REACT,
        prompt=encyclopedia,
        order=20,
        max_steps=8,
        starters=[
            "Where was Marie Curie born?",
            "In which town was the sculptor of the Statue of Liberty born?",
            "What is (37 * 43 + 12) / 7?",
        ],
    )
    for order, tool in enumerate(_tools()):
        AgentTool.objects.create(agent=reader, tool=tool, order=order)
    Agent.objects.create(
        slug="controversy",
        name="Controversy score",
        description="Says how controversial a text is, from 0 (a plain fact) to 10.",
        prompt=controversy,
        order=30,
        starters=[
            "The city should close the old town to cars on weekends.",
            "Bees have six legs.",
            "Nobody should be allowed to own more than one home.",
        ],
    )


def _tools() -> list[ToolRow]:
    about = "49 short articles about people, places and things."
    collection = DocumentCollection.objects.create(slug=COLLECTION, name="Small encyclopedia", description=about)
    documents = (Document(collection=collection, title=title, text=text) for title, text in content.articles())
    Document.objects.bulk_create(documents)
    documents_kind: dict[str, Any] = {"kind": ToolRow.Kind.DOCUMENTS, "collection": collection}
    rows = [
        ToolRow(slug="search", builtin="documents-search", **_wording(docstore.Search), **documents_kind),
        ToolRow(slug="lookup", builtin="documents-lookup", **_wording(docstore.Lookup), **documents_kind),
        ToolRow(slug="calculator", builtin="llm-math", timeout_s=300, **_wording(llm_math.Calculator)),
    ]
    for row in rows:
        row.save()
    return rows


def _wording(tool: Any) -> dict[str, str]:
    """The name and description that a tool ships with, from where on staff may change them."""
    defaults = {field.name: field.default for field in dataclasses.fields(tool)}
    return {"name": defaults["name"], "description": defaults["description"]}
