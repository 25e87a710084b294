"""Bring the demo into an empty installation, once."""

import asyncio
import dataclasses
from collections.abc import Mapping
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
    Chain,
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
from agents.services.chains import save_chain
from agents.services.datasets import import_cases
from agents.services.prompts import import_prompt
from agents.tools.registry import BUILTINS

COLLECTION = "encyclopedia"


@transaction.atomic
def load_demo() -> bool:
    """All of the demo or nothing; False when it has been loaded before, whatever has become of it since."""
    if not User.objects.filter(is_superuser=True).exists():
        User.objects.create_superuser("admin", password=None)
    prompts = {name: content.prompt_file(name) for name in content.prompt_names()}
    if Prompt.objects.filter(slug__in={data["slug"] for data in prompts.values()}).exists():
        return False
    versions = {name: import_prompt(data=data).version for name, data in prompts.items()}
    dataset = _dataset()
    for name in content.VERSIONS:
        _play_back(versions[name], dataset, name)
    _documents()
    _agents()
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


def _agents() -> None:
    """In the order of the file, which is that of the picker."""
    described = content.agents()
    tools = {fields["slug"]: _tool(fields) for fields in described["tools"]}
    for fields in described["chains"]:
        definition = fields.pop("definition")
        save_chain(chain=Chain(**fields), definition=definition)
    for number, fields in enumerate(described["agents"], 1):
        _agent(fields, tools, order=10 * number)


def _agent(fields: dict[str, Any], tools: Mapping[str, ToolRow], *, order: int) -> None:
    given = fields.pop("tools", [])
    if chain := fields.pop("chain", None):
        runs: dict[str, Any] = {"chain": Chain.objects.get(slug=chain)}
    else:
        prompt = Prompt.objects.get(slug=fields.pop("prompt", fields["slug"]))
        runs = {"prompt": prompt, "name": prompt.name, "description": prompt.description}
    agent = Agent.objects.create(**{**runs, **fields}, order=order)
    for place, named in enumerate(given):
        own = {"tool": named} if isinstance(named, str) else dict(named)
        AgentTool.objects.create(agent=agent, tool=tools[own.pop("tool")], order=place, **own)


def _tool(fields: dict[str, Any]) -> ToolRow:
    """With the name and description that the tool ships with, from where on staff may change them."""
    collection = fields.pop("collection", None)
    kind = ToolRow.Kind.DOCUMENTS if collection else ToolRow.Kind.BUILTIN
    found = DocumentCollection.objects.get(slug=collection) if collection else None
    defaults = {field.name: field.default for field in dataclasses.fields(BUILTINS[fields["builtin"]])}
    wording = {"name": defaults["name"], "description": defaults["description"]}
    return ToolRow.objects.create(kind=kind, collection=found, **{**wording, **fields})


def _documents() -> None:
    about = "49 short articles about people, places and things."
    collection = DocumentCollection.objects.create(slug=COLLECTION, name="Small encyclopedia", description=about)
    documents = (Document(collection=collection, title=title, text=text) for title, text in content.articles())
    Document.objects.bulk_create(documents)
