"""What the admin's tests look at: a prompt in two versions, a dataset, and a finished evaluation of each version."""

import pytest
from django.utils import timezone

from agents.models import Evaluation, Score, Trial
from agents.services.datasets import import_cases
from agents.services.evaluations import plan_evaluation
from agents.services.prompts import create_draft, create_prompt, publish_version, save_draft

CASES = '{"id": "a", "inputs": {"text": "Tea"}, "expected": 1}\n{"id": "b", "inputs": {"text": "War"}, "expected": 9}\n'


@pytest.fixture
def staff(client, grace):
    """A browser in which Grace, who is staff, is signed in."""
    client.force_login(grace)
    return client


def content(system="Rate the statement."):
    return {
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": "{{ text }}"}],
        "output": {"kind": "number"},
        "parameters": {"temperature": 0, "max_tokens": 10},
        "commit_message": system,
    }


@pytest.fixture
def prompt(grace):
    return create_prompt(slug="rating", name="Rating", author=grace)


@pytest.fixture
def first(prompt, grace):
    draft = create_draft(prompt=prompt, author=grace)
    save_draft(version=draft, content=content(), examples=[{"inputs": {"text": "Rain"}, "output": "0"}])
    return publish_version(version=draft, author=grace)


@pytest.fixture
def second(prompt, first, grace):
    draft = create_draft(prompt=prompt, parent=first, author=grace)
    save_draft(version=draft, content=content("Rate it from 0 to 10."), examples=[])
    return publish_version(version=draft, author=grace)


@pytest.fixture
def draft(prompt, first, grace):
    return create_draft(prompt=prompt, parent=first, author=grace)


@pytest.fixture
def dataset(db):
    return import_cases(slug="statements", text=CASES, file_format="jsonl").dataset


def measured(version, dataset, answers):
    """A finished evaluation with these answers, one a case."""
    evaluation = plan_evaluation(version=version, dataset=dataset)
    for trial, answer in zip(evaluation.trials.all(), answers, strict=True):
        right = answer == str(trial.expected)
        Score.objects.create(trial=trial, scorer=evaluation.scorers[0], value=float(right))
        Trial.objects.filter(pk=trial.pk).update(
            outcome="passed" if right else "failed", output=answer, extracted=answer, duration_ms=500, input_tokens=20
        )
    now = timezone.now()
    Evaluation.objects.filter(pk=evaluation.pk).update(state="done", started_at=now, finished_at=now)
    evaluation.refresh_from_db()
    return evaluation


@pytest.fixture
def pair(first, second, dataset):
    return measured(first, dataset, ["1", "3"]), measured(second, dataset, ["1", "9"])
