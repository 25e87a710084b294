"""`manage.py evaluate`: numbers on standard output, progress on standard error, an exit code for CI."""

import json
from contextlib import asynccontextmanager

import pytest
from django.core.management import CommandError, call_command

from agents import build
from agents.local_model import supervisor
from agents.local_model.errors import LocalModelError
from agents.models import Chain, Evaluation
from agents.runtime.errors import ModelError
from agents.runtime.scripted import ScriptedLLM
from agents.services.chains import save_chain
from agents.services.datasets import import_cases
from agents.services.prompts import import_prompt

pytestmark = pytest.mark.django_db(transaction=True)

FILE = {"slug": "sums", "messages": [{"role": "user", "content": "{{ question }}"}], "output": {"kind": "number"}}
CASES = "\n".join(f'{{"id": "c{n}", "inputs": {{"question": "{n}"}}, "expected": "7"}}' for n in range(8))


class ByVersion:
    """Answers 7 to the prompts of version 2, 8 to others."""

    name, context_window, price = "by-version", None, None

    async def stream(self, request):
        right = any("well" in message.content for message in request.messages)
        async for chunk in ScriptedLLM("Answer: 7" if right else "Answer: 8").stream(request):
            yield chunk


@pytest.fixture
def models(monkeypatch):
    """What each model name leads to; the names asked for are remembered."""
    known = {"default": ScriptedLLM("Answer: 7"), "asked": []}

    async def llm_for(name):
        known["asked"].append(name)
        return known.get(name, known["default"])

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return known


@pytest.fixture(autouse=True)
def sums(transactional_db):
    import_prompt(data=FILE)
    better = [{"role": "system", "content": "Count well."}, *FILE["messages"]]
    import_prompt(data={**FILE, "messages": better})
    import_cases(slug="sevens", text=CASES, file_format="jsonl")


def evaluate(capsys, *args):
    """Exit code, standard output, standard error."""
    capsys.readouterr()
    code, told = 0, ""
    try:
        call_command("evaluate", *args)
    except CommandError as error:
        code, told = error.returncode, str(error)
    out = capsys.readouterr()
    return code, out.out, out.err + told


def test_json_is_the_only_thing_on_standard_output(capsys, models):
    code, out, err = evaluate(capsys, "sums", "sevens", "--json")
    found = json.loads(out)
    assert (code, found["score"], found["trials"], found["outcomes"]["passed"]) == (0, 1.0, 8, 8)
    assert "8 of 8" in err
    evaluation = Evaluation.objects.get(pk=found["evaluation"])
    assert (evaluation.version.number, evaluation.runner, evaluation.state) == (2, "command", "done")


def test_without_json_it_is_said_in_words(capsys, models):
    code, out, _ = evaluate(capsys, "sums@1", "sevens", "--scorer", "numeric:abs=1", "--scorer", "exact")
    assert code == 0
    assert "sums@1 on sevens: 8 cases, 8 trials" in out
    assert "score     1.000" in out
    assert "(exact)" in out


def test_options_reach_the_plan(capsys, models):
    evaluate(capsys, "sums", "sevens", "--limit", "3", "--repeats", "2", "--concurrency", "5", "--model", "other")
    evaluation = Evaluation.objects.get()
    assert (evaluation.trials.count(), evaluation.repeats, evaluation.concurrency) == (6, 2, 5)
    assert models["asked"] == ["other"]


def test_a_score_under_the_bound_fails(capsys, models):
    models["default"] = ScriptedLLM("Answer: 8")
    code, out, err = evaluate(capsys, "sums", "sevens", "--fail-under", "0.5", "--json")
    assert (code, json.loads(out)["score"]) == (1, 0.0)
    assert "under 0.5" in err


def test_worse_than_the_baseline_fails_and_better_does_not(capsys, models):
    models["default"] = ByVersion()
    assert evaluate(capsys, "sums@2", "sevens", "--baseline", "sums@1")[0] == 0
    code, _, err = evaluate(capsys, "sums@1", "sevens", "--baseline", "sums@2")
    assert code == 1
    assert "Worse than sums@2" in err


def test_errors_exit_with_three_and_resume_retries_them(capsys, models):
    models["default"] = ScriptedLLM(ModelError("auth", "The key was refused."), "Answer: 7")
    code, out, err = evaluate(capsys, "sums", "sevens", "--json")
    found = json.loads(out)
    assert (code, found["outcomes"]["error"], found["score"]) == (3, 1, 1.0)
    assert f"--resume {found['evaluation']}" in err
    code, out, _ = evaluate(capsys, "--resume", found["evaluation"], "--json")
    again = json.loads(out)
    assert (code, again["evaluation"], again["outcomes"]["passed"]) == (0, found["evaluation"], 8)


def test_without_a_model_it_exits_with_three_and_leaves_nothing_that_waits(capsys, models, settings, monkeypatch):
    @asynccontextmanager
    async def nothing(data_dir, **options):
        raise LocalModelError("The model's file isn't there.")
        yield

    settings.LOCAL_MODEL = True
    monkeypatch.setattr(supervisor, "borrowed", nothing)

    code, out, err = evaluate(capsys, "sums@2", "sevens", "--baseline", "sums@1")

    assert (code, out) == (3, "")
    assert "The model's file isn't there." in err
    assert {evaluation.state for evaluation in Evaluation.objects.all()} == {"cancelled"}
    settings.LOCAL_MODEL = False
    evaluation = Evaluation.objects.get(version__number=2)
    assert f"--resume {evaluation.pk}" in err
    assert evaluate(capsys, "--resume", str(evaluation.pk))[0] == 0


def test_what_is_done_is_only_reported_again(capsys, models):
    _, out, _ = evaluate(capsys, "sums", "sevens", "--json")
    models["asked"].clear()
    code, again, _ = evaluate(capsys, "--resume", json.loads(out)["evaluation"], "--json")
    assert (code, again, models["asked"]) == (0, out, [])


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "which prompt and which dataset"),
        (["sums"], "which prompt and which dataset"),
        (["nothing", "sevens"], "Prompts: sums"),
        (["sums@9", "sevens"], "Published: 1, 2"),
        (["sums", "nothing"], "Datasets: sevens"),
        (["sums", "sevens", "--split", "x"], "no split"),
        (["sums", "sevens", "--scorer", "accuracy"], "Scorers: exact"),
        (["sums", "sevens", "--repeats", "0"], "Repeats"),
        (["sums", "sevens", "--fail-under", "7"], "between 0 and 1"),
        (["sums", "sevens", "--baseline", "nothing"], "Prompts: sums"),
        (["sums", "sevens", "--resume", "x"], "stands alone"),
        (["--resume", "x"], "no evaluation x"),
    ],
)
def test_bad_arguments_exit_with_two_and_leave_nothing(capsys, models, args, told):
    code, out, err = evaluate(capsys, *args)
    assert (code, out) == (2, "")
    assert told in err
    assert not Evaluation.objects.exists()


def test_a_chain_is_measured_by_its_name(capsys, models):
    chain = Chain(slug="both", name="Both")
    save_chain(chain=chain, definition={"inputs": ["question"], "steps": [{"id": "sum", "prompt": "sums@1"}]})

    code, out, _ = evaluate(capsys, "chain:both", "sevens", "--baseline", "sums@1")

    assert code == 0
    assert "chain:both on sevens: 8 cases, 8 trials" in out
    assert Evaluation.objects.get(chain=chain).target["targets"]["sum"]["reference"] == "sums@1"


def test_a_chain_that_is_not_there_is_named_with_those_that_are(capsys, models):
    assert evaluate(capsys, "chain:nothing", "sevens")[::2] == (2, "There is no chain “nothing”. Chains: none yet.")
