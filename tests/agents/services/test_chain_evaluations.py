"""Chains as what is measured: planned as they are now, run as they were planned."""

import pytest

from agents import build
from agents.evaluator import run_evaluation
from agents.models import Chain, Evaluation, Trace, Trial
from agents.runtime.scripted import ScriptedLLM
from agents.services.chains import save_chain
from agents.services.datasets import import_cases
from agents.services.evaluations import PlanError, compare, plan_evaluation
from config.db import in_db
from tests.agents.brand import publish

pytestmark = pytest.mark.django_db(transaction=True)

CASES = "\n".join(f'{{"id": "c{n}", "inputs": {{"question": "{n}"}}, "expected": "{n}"}}' for n in range(3))


class Repeats(ScriptedLLM):
    """Says back the last word of what it was asked."""

    async def stream(self, request):
        self.requests.append(request)
        async for chunk in ScriptedLLM(f"Answer: {request.messages[-1].content.split()[-1]}").stream(request):
            yield chunk


@pytest.fixture
def chain(transactional_db):
    publish("restate", "Restate {question}")
    publish("solve", "Solve {text}", output={"kind": "number"})
    chain = Chain(slug="sums", name="Sums")
    steps = [
        {"id": "restate", "prompt": "restate", "inputs": {"question": "input.question"}},
        {"id": "solve", "prompt": "solve", "inputs": {"text": "steps.restate"}},
    ]
    save_chain(chain=chain, definition={"inputs": ["question"], "steps": steps})
    return chain


@pytest.fixture
def dataset(transactional_db):
    return import_cases(slug="echo", text=CASES, file_format="jsonl").dataset


@pytest.fixture
def model(monkeypatch):
    llm = Repeats()
    llm.asked = []

    async def llm_for(name):
        llm.asked.append(name)
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return llm


async def test_a_chain_is_measured_by_the_answer_of_its_last_step(chain, dataset, model):
    evaluation = await in_db(lambda: plan_evaluation(chain=chain, dataset=dataset))

    assert await run_evaluation(evaluation.pk)

    evaluation = await in_db(lambda: Evaluation.objects.select_related("chain", "dataset").get())
    assert (str(evaluation), evaluation.kind, evaluation.scorers) == ("chain:sums on echo", "number", ["numeric"])
    assert (evaluation.state, evaluation.model) == ("done", "")
    trials = await in_db(lambda: list(Trial.objects.all()))
    assert [(trial.outcome, trial.extracted) for trial in trials] == [("passed", str(n)) for n in range(3)]
    trace = await in_db(lambda: Trace.objects.prefetch_related("steps", "model_calls").first())
    assert [step.kind for step in trace.steps.all()] == ["plan", "observation", "plan", "answer"]
    assert sum(call.input_tokens for call in trace.model_calls.all()) == trials[0].input_tokens


async def test_what_runs_is_the_chain_as_it_was_planned(chain, dataset, model):
    evaluation = await in_db(lambda: plan_evaluation(chain=chain, dataset=dataset, limit=1))
    await in_db(lambda: Chain.objects.update(definition={"steps": [{"id": "x", "prompt": "nothing"}]}))

    await run_evaluation(evaluation.pk)

    assert await in_db(lambda: Trial.objects.get().outcome) == "passed"


async def test_a_model_that_is_named_takes_the_place_of_all(chain, dataset, model):
    evaluation = await in_db(lambda: plan_evaluation(chain=chain, dataset=dataset, model="big", limit=1))

    await run_evaluation(evaluation.pk)

    assert set(model.asked) == {"big"}


def test_a_plan_needs_one_thing_to_measure(chain, dataset):
    with pytest.raises(PlanError, match="Say what to measure"):
        plan_evaluation(dataset=dataset)


def test_a_case_gives_what_the_chain_needs(chain, transactional_db):
    other = import_cases(
        slug="other", text='{"id": "a", "inputs": {"text": "x"}, "expected": "1"}', file_format="jsonl"
    )

    with pytest.raises(PlanError, match="which the chain needs"):
        plan_evaluation(chain=chain, dataset=other.dataset)


def test_a_chain_that_can_not_run_is_not_planned(chain, dataset):
    Chain.objects.update(definition={"steps": [{"id": "x", "prompt": "nothing"}]})

    with pytest.raises(PlanError, match="The chain “sums” can't run: Step “x”: There is no prompt"):
        plan_evaluation(chain=Chain.objects.get(), dataset=dataset)


def test_two_states_of_a_chain_can_be_compared(chain, dataset):
    a, b = (plan_evaluation(chain=chain, dataset=dataset) for _ in range(2))

    assert compare(a, b).shared == 3
