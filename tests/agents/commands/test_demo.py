"""The demo: loaded once, whole, from recordings that fit its prompts."""

import time

import pytest
from django.core.management import call_command

from agents import build
from agents.demo import content, recordings
from agents.demo.load import load_demo
from agents.demo.recordings import hash_of
from agents.models import Agent, Evaluation, FewShotExample, ModelCall, Prompt, PromptVersion, User
from agents.runtime.llm import Request
from agents.runtime.parsing import parse
from agents.runtime.prompts import parse_prompt, render
from agents.runtime.scripted import ScriptedLLM
from agents.services.agents import resolve_agent
from agents.services.evaluations import compare, summary
from config.db import in_db
from tests.agents.runtime.fakes import drain, finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db, capsys):
    started = time.perf_counter()
    call_command("load_demo")
    assert "is loaded" in capsys.readouterr().out
    assert time.perf_counter() - started < 10


def evaluation_of(number):
    return Evaluation.objects.get(version__prompt__slug="controversy", version__number=number)


def test_the_second_version_scores_better_out_of_the_box(demo):
    found = compare(evaluation_of(1), evaluation_of(2))
    assert found.verdict == "better"
    assert found.b.score - found.a.score > 0.15
    assert found.b.mean_absolute_error < found.a.mean_absolute_error
    assert len(found.rows) == 42


def test_every_case_has_an_answer_a_trace_and_scores(demo):
    for number in (1, 2):
        evaluation = evaluation_of(number)
        found = summary(evaluation)
        assert (found.trials, found.waiting, found.outcomes["error"]) == (42, 0, 0)
        assert evaluation.trials.exclude(trace=None).count() == 42
        assert found.latency["p50"] > 0.1
        assert (evaluation.state, evaluation.recorded_at is not None) == ("done", True)
        assert evaluation.model_used == recordings.read(content.recording_path(f"controversy-{number}")).model
    assert ModelCall.objects.count() == 84


def test_a_second_call_changes_nothing_not_even_what_staff_deleted(demo, capsys):
    Agent.objects.get(slug="assistant").delete()
    Prompt.objects.filter(slug="encyclopedia").update(name="Ours")
    before = list(PromptVersion.objects.values()), list(Agent.objects.values()), Evaluation.objects.count()
    call_command("load_demo")
    assert "nothing changed" in capsys.readouterr().out
    assert before == (list(PromptVersion.objects.values()), list(Agent.objects.values()), Evaluation.objects.count())
    assert Prompt.objects.get(slug="encyclopedia").name == "Ours"


def test_the_first_administrator_has_no_password(demo):
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert not admin.has_usable_password()


def test_the_agents_can_work_as_configured(demo):
    for agent in Agent.objects.all():
        version, snapshot = resolve_agent(agent)
        if version is not None:  # a chain was checked when it was resolved
            build.check(snapshot["agent_type"], version, snapshot["tools"])
        assert agent.starters
    reader = resolve_agent(Agent.objects.get(slug="encyclopedia"))[1]
    assert [tool["name"] for tool in reader["tools"]] == ["Search", "Lookup", "Calculator"]
    assistant = resolve_agent(Agent.objects.get(slug="toolbox"))[1]
    assert (assistant["agent_type"], [t["name"] for t in assistant["tools"]]) == (
        "tool-calling",
        ["Search", "Calculator"],
    )


@pytest.mark.django_db(transaction=True)
async def test_the_chain_goes_from_a_product_to_a_name_to_a_slogan(monkeypatch, transactional_db):
    llm = ScriptedLLM("Toe Rainbow", "**Toe Rainbow**\nStep into colour!")

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    await in_db(load_demo)
    agent = await in_db(lambda: Agent.objects.select_related("chain").get(slug="brand"))
    assert agent.starters == ["colorful socks"]
    runs, chain = await build.agent_from((await in_db(resolve_agent, agent))[1], None)
    events = await drain(runs.run({build.input_of(chain): agent.starters[0]}))

    assert llm.requests[0].messages[-1].content == "What is a good name for a company that makes colorful socks?"
    assert "The company Toe Rainbow makes colorful socks." in llm.requests[1].messages[-1].content
    assert finished(events).answer.endswith("Step into colour!")


def test_no_case_is_among_the_examples(demo):
    shown = {
        example.inputs["text"].casefold()
        for example in FewShotExample.objects.filter(version__prompt__slug="controversy")
    }
    assert len(shown) == 18
    assert shown.isdisjoint(case["inputs"]["text"].casefold() for case in content.cases())


@pytest.mark.parametrize("version", content.VERSIONS)
def test_recordings_fit_the_prompts_as_they_are(version):
    spec = parse_prompt(content.prompt_file(version))
    parameters = dict(spec.parameters)
    max_tokens = parameters.pop("max_tokens")
    asked = {
        hash_of(Request(tuple(render(spec, case["inputs"])), parameters, max_tokens).to_json())
        for case in content.cases()
    }
    assert asked == {answer.request for answer in recordings.read(content.recording_path(version)).answers}


def test_recording_writes_what_loading_plays_back(tmp_path, monkeypatch, capsys):
    async def llm_for(name):
        return ScriptedLLM("Controversy score: 5\nReason: a guess", name="/models/tiny.gguf")

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    monkeypatch.setattr(content, "recording_path", lambda name: tmp_path / f"{name}.jsonl")
    call_command("record_demo")
    assert "42 answers of tiny." in capsys.readouterr().out
    call_command("load_demo")
    assert summary(evaluation_of(1)).outcomes["unparseable"] == 0
    assert evaluation_of(2).model_used == "tiny"


def test_there_is_an_agent_of_each_classic_type_with_a_prompt_of_its_own(demo):
    agents = Agent.objects.exclude(agent_type="conversation")
    classic = {
        "zero-shot-react-description",
        "react-docstore",
        "self-ask-with-search",
        "conversational-react-description",
    }

    assert classic <= set(agents.values_list("agent_type", flat=True))
    assert len(set(agents.values_list("prompt", flat=True))) == len(agents)


def test_no_question_and_no_article_is_among_the_exemplars(demo):
    titles = [title for title, _ in content.articles()]
    for slug in ("encyclopedia-docstore", "fact-checker", "encyclopedia-self-ask"):
        messages = PromptVersion.objects.get(prompt__slug=slug).messages
        shown = " ".join(message["content"] for message in messages)
        assert [title for title in titles if title in shown] == []


@pytest.mark.parametrize("slug", ["encyclopedia-docstore", "fact-checker", "encyclopedia-self-ask"])
def test_the_exemplars_are_read_as_what_they_show(slug, demo):
    agent = Agent.objects.get(slug=slug)
    messages = PromptVersion.objects.get(prompt=agent.prompt).messages
    turns = [message["content"] for message in messages if message.get("role") == "assistant"]

    for turn in turns:
        result = parse(agent.agent_type, turn, {row.name or row.tool.name: "text" for row in agent.agent_tools.all()})
        assert result.kind in ("action", "finish")
        assert result.flags == ()
