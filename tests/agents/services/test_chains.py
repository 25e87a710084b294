"""Chains as rows: checked when they are saved, and frozen when a run starts."""

import asyncio

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents import build
from agents.build.chains import tool_of
from agents.models import Agent, AgentTool, Chain, Tool
from agents.runtime.chains import ChainProblems
from agents.runtime.errors import ConfigurationError
from agents.runtime.limits import Limits
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tool_calls import ToolRun
from agents.runtime.tools import ToolContext
from agents.services.agents import check_agent_chain, check_agent_tools, resolve_agent, resolve_chain
from agents.services.chains import check_chain, save_chain
from agents.services.prompts import create_draft, move_label, publish_version, save_draft
from config.db import in_db
from tests.agents.brand import DEFINITION, brand, brand_agent, publish, publish_both
from tests.agents.runtime.fakes import drain, finished, steps

pytestmark = pytest.mark.django_db


def found(definition, slug="mine"):
    return [(one.code, one.step, one.key) for one in check_chain(definition, slug=slug)]


def chain_tool(chain, slug="brand"):
    return Tool.objects.create(
        slug=slug, kind="chain", chain=chain, name=slug.title(), description="Finds a name and a slogan.", timeout_s=60
    )


def reasoner(*tools, slug="reasoner"):
    prompt = publish(f"{slug}-prompt", "Use tools.\n{tools}\n{input}").prompt
    agent = Agent.objects.create(slug=slug, name=slug, agent_type="zero-shot-react-description", prompt=prompt)
    for tool in tools:
        AgentTool.objects.create(agent=agent, tool=tool)
    return agent


# --- saving


def test_a_chain_is_saved_with_its_warnings():
    publish_both()
    chain = Chain(slug="brand", name="Brand")

    warnings = save_chain(chain=chain, definition={**DEFINITION, "inputs": ["product", "place"]})

    assert [(one.code, one.level) for one in warnings] == [("unused_input", "warning")]
    assert Chain.objects.get().definition["inputs"] == ["product", "place"]


def test_a_chain_with_errors_is_not_saved():
    chain = brand()

    with pytest.raises(ChainProblems) as refused:
        save_chain(chain=chain, definition={"steps": [{"id": "a", "prompt": "nothing"}]}, name="Other")

    assert [(one.code, one.row) for one in refused.value.problems] == [("unknown_target", 1)]
    chain.refresh_from_db()
    assert (chain.name, chain.definition) == ("Brand", DEFINITION)


def test_references_lead_to_what_is_there():
    publish_both()
    reasoner()

    assert found(DEFINITION) == []
    assert found({"steps": [{"id": "a", "prompt": "slogan@nowhere"}]}) == [("unknown_target", "a", "target")]
    assert found({"steps": [{"id": "a", "agent": "nobody"}]}) == [("unknown_target", "a", "target")]
    assert found({"steps": [{"id": "a", "chain": "nothing"}]}) == [("unknown_target", "a", "target")]
    assert found({"steps": [{"id": "a", "agent": "reasoner"}]}) == []
    assert found({"steps": [{"id": "a", "prompt": "reasoner-prompt"}]}) == [("unknown_target", "a", "target")]


def test_the_shape_of_a_prompts_answer_is_known():
    publish("topic", "About {text}?", output={"kind": "label", "labels": ["a", "b"]})
    publish("talk", "Talk about {text}")
    talk = {"id": "talk", "prompt": "talk", "inputs": {"text": "input.text"}}
    definition = {
        "inputs": ["text"],
        "steps": [
            {"id": "topic", "prompt": "topic", "inputs": {"text": "input.text"}},
            {"id": "go", "branch": {"cases": {"c": "talk"}, "default": "talk"}, "inputs": {"value": "steps.topic"}},
            talk,
        ],
    }

    assert found(definition) == [("type_mismatch", "go", "c")]


def test_a_chain_that_leads_to_itself_through_an_agents_tool_is_refused():
    chain = brand()
    reasoner(chain_tool(chain))

    assert found({"steps": [{"id": "a", "agent": "reasoner"}]}, slug="brand") == [("cycle", "a", "target")]
    assert found({"steps": [{"id": "a", "chain": "brand"}]}, slug="brand") == [("cycle", "a", "target")]
    assert found({"steps": [{"id": "a", "agent": "reasoner"}]}, slug="other") == []


# --- agents of chains


def test_a_runs_configuration_names_versions_that_stay():
    agent = brand_agent()
    version, snapshot = resolve_agent(agent)
    slogan = Chain.objects.get().definition["steps"][1]

    draft = create_draft(prompt=publish("slogan", "Other {name}").prompt)
    save_draft(
        version=draft, content={"format": "fstring", "messages": [{"role": "user", "content": "x {name}"}]}, examples=[]
    )
    publish_version(version=draft)
    move_label(prompt=draft.prompt, name="production", version=draft)
    _, later = resolve_agent(agent)

    assert version is None
    assert snapshot["chain"]["targets"]["slogan"]["reference"] == "slogan@1"
    assert later["chain"]["targets"]["slogan"]["reference"] == str(draft)
    assert slogan["prompt"] == "slogan"


def test_without_a_mapping_the_frozen_chain_has_one():
    chain = brand({"steps": [{"id": "name", "prompt": "company-name"}, {"id": "slogan", "prompt": "slogan"}]})

    steps_of = resolve_chain(chain)["definition"]["steps"]

    assert [step["inputs"] for step in steps_of] == [{"product": "input.input"}, {"name": "steps.name"}]


def test_a_chain_that_takes_no_single_message_is_no_agent():
    publish("two", "{a} and {b}")
    both = {"id": "x", "prompt": "two", "inputs": {"a": "input.a", "b": "input.b"}}
    chain = Chain(slug="two", name="Two")
    save_chain(chain=chain, definition={"inputs": ["a", "b"], "steps": [both]})

    with pytest.raises(ConfigurationError, match="which input takes the person's message"):
        check_agent_chain(Agent(agent_type="chain", chain=chain))


def test_what_has_changed_under_a_chain_is_said_when_it_starts():
    agent = brand_agent()
    Chain.objects.update(definition={"steps": [{"id": "a", "prompt": "slogan@gone"}]})
    agent.refresh_from_db()

    with pytest.raises(ConfigurationError, match="no label “gone”"):
        resolve_agent(Agent.objects.select_related("chain").get())


def nested_agents(levels):
    """Agents of chains, each of whose steps are two prompts and the agent before it."""
    publish("ask", "{input}")
    for level in range(levels):
        steps = [{"id": f"ask{n}", "prompt": "ask", "inputs": {"input": "input.input"}} for n in range(2)]
        if level:
            steps.append({"id": "deep", "agent": f"agent{level - 1}", "inputs": {"input": "input.input"}})
        chain = Chain(slug=f"chain{level}", name="Chain", definition={"inputs": ["input"], "steps": steps})
        chain.save()
        brand_agent(chain, slug=f"agent{level}")


def test_each_level_of_chains_costs_a_start_as_much_as_the_one_before(django_assert_max_num_queries):
    nested_agents(5)
    with CaptureQueriesContext(connection) as shallow:
        resolve_agent(Agent.objects.get(slug="agent0"))

    with django_assert_max_num_queries(5 * len(shallow)):
        _, snapshot = resolve_agent(Agent.objects.get(slug="agent4"))

    assert snapshot["chain"]["targets"]["deep"]["agent"]["chain"]["slug"] == "chain3"


def test_an_agent_is_not_given_a_chain_that_runs_it():
    agent = reasoner()
    chain = Chain(slug="outer", name="Outer")
    save_chain(chain=chain, definition={"steps": [{"id": "think", "agent": "reasoner"}]})

    with pytest.raises(ConfigurationError, match="runs this agent"):
        check_agent_tools(agent, [AgentTool(agent=agent, tool=chain_tool(chain, "outer"))])
    with pytest.raises(ConfigurationError, match="runs this agent"):
        check_agent_chain(Agent(slug="reasoner", agent_type="chain", chain=chain))
    other = reasoner(slug="other")
    check_agent_tools(other, [AgentTool(agent=other, tool=Tool.objects.get())])


def test_a_chain_that_others_run_keeps_its_slug():
    chain = brand()
    save_chain(chain=Chain(slug="outer", name="Outer"), definition={"steps": [{"id": "go", "chain": "brand"}]})

    with pytest.raises(ChainProblems, match="Outer runs this chain"):
        save_chain(chain=chain, definition=DEFINITION, slug="brands")
    save_chain(chain=chain, definition=DEFINITION, name="Brands")


# --- running


@pytest.fixture
def model(monkeypatch):
    llm = ScriptedLLM("Toes", "Go!")

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return llm


@pytest.mark.django_db(transaction=True)
async def test_the_frozen_chain_is_what_runs(model):
    snapshot = await in_db(lambda: resolve_agent(brand_agent())[1])

    agent, spec = await build.agent_from(snapshot, None)
    events = await drain(agent.run({build.input_of(spec): "colorful socks"}))

    assert finished(events).answer == "Go!"
    assert agent.llm is model
    asked = [request.messages[-1].content for request in model.requests]
    assert asked == ["What is a good name for a company that makes colorful socks?", "Write a slogan for Toes."]


@pytest.mark.django_db(transaction=True)
async def test_an_agent_is_a_step_with_its_own_limits_and_its_tools(model):
    model.replies = (
        "Thought: x\nAction: Brand\nAction Input: hats",
        "Toes",
        "Go!",
        "Thought: done\nFinal Answer: All of it.",
    )

    def make():
        agent = reasoner(chain_tool(brand()))
        Agent.objects.filter(pk=agent.pk).update(max_steps=3)
        chain = Chain(slug="outer", name="Outer")
        save_chain(chain=chain, definition={"steps": [{"id": "think", "agent": "reasoner"}]})
        return resolve_chain(chain)

    snapshot = await in_db(make)
    chain = await build.chain_from(snapshot, Limits())
    events = await drain(chain.run({"input": "Brand hats"}))

    assert finished(events).answer == "All of it."
    assert [kind for kind, _ in steps(events)][:4] == ["plan", "thought", "action", "plan"]
    assert chain.targets["think"].limits.max_steps == 3
    assert not chain.targets["think"].idempotent


@pytest.mark.django_db(transaction=True)
async def test_one_model_may_take_the_place_of_all(model):
    other = ScriptedLLM("A", "B")
    snapshot = await in_db(lambda: resolve_chain(brand()))

    await drain((await build.chain_from(snapshot, Limits(), llm=other)).run({"product": "x"}))

    assert (len(other.requests), len(model.requests)) == (2, 0)


@pytest.mark.django_db(transaction=True)
async def test_a_chain_as_a_tool_ends_by_its_own_limit_with_what_it_has(model):
    model.replies, model.delay_s = ("Toes", "word " * 4000), 0.001
    row = await in_db(lambda: AgentTool(tool=chain_tool(brand())))
    described = {**build.describe_tool(row), "chain": await in_db(resolve_chain, row.tool.chain), "timeout_s": 1}
    tool = tool_of(described)
    deadline = asyncio.get_running_loop().time() + 60

    call = ToolRun(tool, "socks", ToolContext(model, 1, lambda event: None), deadline=deadline)
    await drain(call.events())

    assert call.result.error is None
    assert call.result.text.startswith("word word")


def test_tools_within_chains_within_tools_end_somewhere():
    chain = brand()
    for level in range(4):
        reasoner(chain_tool(chain, f"tool{level}"), slug=f"agent{level}")
        chain = Chain(slug=f"chain{level}", name=f"Chain {level}")
        chain.definition = {"steps": [{"id": "go", "agent": f"agent{level}"}]}
        chain.save()
    deep = Agent.objects.create(slug="deep", name="Deep", agent_type="chain", chain=Chain.objects.get(slug="chain3"))

    assert resolve_agent(Agent.objects.get(slug="agent2"))
    with pytest.raises(ConfigurationError, match="3 are the most"):
        resolve_agent(deep)


def test_a_chain_tool_without_a_chain_is_refused():
    tool = Tool(slug="x", kind="chain", name="X", description="x")

    with pytest.raises(ConfigurationError, match="needs a chain"):
        build.check_tool_rows("zero-shot-react-description", [AgentTool(tool=tool)])
