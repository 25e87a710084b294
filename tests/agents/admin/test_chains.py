"""Chains in the admin: rows that are saved together, with each problem where it belongs."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from agents import build
from agents.models import Agent, Chain, Tool, Trace
from agents.runtime.errors import ModelError
from agents.runtime.scripted import ScriptedLLM
from tests.agents.admin.forms import filled
from tests.agents.brand import DEFINITION, brand, brand_agent, publish, publish_both

ADD = "/admin/agents/chain/add/"


@pytest.fixture
def chain(db):
    return brand()


@pytest.fixture
def model(monkeypatch):
    llm = ScriptedLLM("Toes", "Go!")

    async def llm_for(name):
        return llm

    monkeypatch.setattr(build.language_models, "llm_for", llm_for)
    return llm


def url(chain, name="change"):
    return reverse(f"admin:agents_chain_{name}", args=[chain.pk])


def saved(staff, chain, **typed):
    return staff.post(url(chain), filled(staff.get(url(chain)), "editor", _save="1", **typed))


def errors(page):
    """The marked fields of the steps, by row."""
    return [
        (place, name, "".join(found))
        for place, form in enumerate(page.context["editor"].steps.forms)
        for name, found in form.errors.items()
    ]


def test_saving_what_a_page_shows_changes_nothing(staff, chain):
    answer = saved(staff, chain)

    assert answer.status_code == 302
    chain.refresh_from_db()
    assert chain.definition == {**DEFINITION, "inputs": [{"name": "product"}]}


def test_every_kind_of_row_comes_back_as_it_was_saved(staff, db):
    publish_both()
    publish("topic", "About {text}?", output={"kind": "label", "labels": ["a", "b"]})
    definition = {
        "inputs": [
            {"name": "text", "description": "What it is about"},
            {"name": "kind", "type": "choice", "choices": ["x", "y"], "required": False},
            {"name": "tone", "default": "mild"},
        ],
        "steps": [
            {"id": "topic", "prompt": "topic", "inputs": {"text": "input.text"}},
            {
                "id": "route",
                "branch": {"cases": {"a": "lines"}, "default": "talk"},
                "inputs": {"value": "steps.topic"},
                "title": "Where to",
            },
            {"id": "lines", "transform": "lower", "inputs": {"value": "input.text"}},
            {"id": "talk", "prompt": "slogan", "inputs": {"name": "input.tone"}, "retries": 2},
            {"id": "split", "transform": "lines", "inputs": {"value": "steps.route"}},
            {
                "id": "each",
                "prompt": "slogan@production",
                "inputs": {"name": "steps.split"},
                "output": "slogans",
                "each": "name",
                "at_once": 2,
                "on_error": {"default": "none"},
            },
            {"id": "all", "transform": "join", "inputs": {"value": "steps.each"}, "separator": ", "},
        ],
        "output": "slogans",
        "memory": "chat",
    }
    chain = Chain.objects.create(slug="all", name="All", definition=definition)

    assert saved(staff, chain).status_code == 302
    chain.refresh_from_db()
    assert chain.definition == definition


def test_a_new_chain_is_added_row_by_row_without_scripts(staff, db):
    publish_both()
    form = filled(staff.get(ADD), "editor", name="Brand", slug="brand", inputs__0__name="product")

    form |= {"steps-0-id": "name", "steps-0-runs": "prompt:company-name", "_update": "1"}
    page = staff.post(ADD, form)
    asked = filled(page, "editor")
    assert asked["steps-0-input-product"] == "input.product"
    assert Chain.objects.count() == 0

    asked |= {"steps-1-id": "slogan", "steps-1-runs": "prompt:slogan", "steps-TOTAL_FORMS": "2", "_save": "1"}
    refused = staff.post(ADD, asked)
    assert (refused.status_code, errors(refused)[0][:2]) == (422, (1, "input-name"))

    done = staff.post(ADD, {**filled(refused, "editor"), "steps-1-input-name": "steps.name", "_save": "1"})
    assert done.status_code == 302
    chain = Chain.objects.get()
    assert chain.definition == {**DEFINITION, "inputs": [{"name": "product"}]}
    assert done.url == url(chain)


def test_a_select_offers_the_sources_that_are_valid_there_and_no_others(staff, chain):
    page = staff.get(url(chain))

    offered = [
        [value for value, _ in form.fields[f"input-{name}"].choices]
        for form, name in zip(page.context["editor"].steps.forms, ("product", "name"), strict=False)
    ]
    assert offered == [["", "input.product", "="], ["", "input.product", "steps.name", "="]]


def test_every_problem_stands_at_its_row(staff, chain):
    page = saved(
        staff, chain, steps__0__input__product="", steps__1__output="product", **{"steps-1-input-name": "steps.later"}
    )

    assert page.status_code == 422
    assert [found[:2] for found in errors(page)] == [(0, "input-product"), (1, "output"), (1, "input-name")]
    assert "steps.later (not possible here)" in page.content.decode()
    chain.refresh_from_db()
    assert chain.definition == DEFINITION


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ({"steps-1-id": "1 bad id"}, [(1, "id")]),
        ({"steps-1-id": ""}, [(1, "id")]),
        ({"steps-1-runs": ""}, [(1, "runs")]),
        ({"steps-1-each": "gone"}, [(1, "each")]),
    ],
)
def test_a_step_that_gives_the_answer_is_marked_where_it_is_wrong(staff, chain, typed, marked):
    chain.definition = {**chain.definition, "output": "slogan"}
    chain.save()

    page = saved(staff, chain, **typed)

    assert page.status_code == 422
    assert [found[:2] for found in errors(page)] == marked
    assert not any("Select a valid choice" in detail for _, _, detail in errors(page))
    assert "Select a valid choice" not in page.content.decode()


def test_rows_are_saved_in_the_order_that_was_chosen(staff, chain):
    page = saved(staff, chain, steps__0__ORDER="2", steps__1__ORDER="1")

    assert [found[:2] for found in errors(page)] == [(1, "input-name")]
    assert [form["id"].value() for form in page.context["editor"].step_rows][:2] == ["slogan", "name"]


def test_a_removed_row_is_gone(staff, chain):
    assert saved(staff, chain, steps__1__DELETE="on").status_code == 302

    chain.refresh_from_db()
    assert [step["id"] for step in chain.definition["steps"]] == ["name"]


def test_a_fixed_text_is_a_source(staff, chain):
    saved(staff, chain, steps__1__input__name="=", steps__1__fixed__name="steps.x")

    chain.refresh_from_db()
    assert chain.definition["steps"][1]["inputs"] == {"name": {"value": "steps.x"}}


def test_a_slug_is_taken_once(staff, chain):
    Chain.objects.create(slug="other", name="Other")

    page = saved(staff, chain, slug="other")

    assert page.status_code == 422
    assert "There is a chain with this slug already." in page.content.decode()


def test_hostile_rows_are_refused_and_nothing_breaks(staff, chain):
    for typed in (
        {"steps-0-runs": "prompt:"},
        {"steps-0-runs": "transform:nothing"},
        {"steps-0-runs": ":::"},
        {"steps-0-id": "a b", "steps-0-at_once": "x"},
        {"steps-0-at_once": "9" * 5000},
        {"steps-0-retries": "9" * 5000},
        {"steps-0-id": "é"},
        {"inputs-0-name": "1"},
        {"inputs-0-extra": "{"},
        {"inputs-0-extra": '{"type": "nothing"}'},
        {"steps-0-ORDER": "9" * 30},
        {"steps-TOTAL_FORMS": "x"},
        {"steps-0-runs": "branch", "steps-0-cases": "=\n==\nx"},
    ):
        for name in ("_save", "_update"):
            answer = staff.post(url(chain), {**filled(staff.get(url(chain)), "editor"), name: "1", **typed})
            assert answer.status_code in (200, 422), (typed, name)
    chain.refresh_from_db()
    assert chain.definition == DEFINITION


def test_a_stored_chain_that_can_not_be_read_opens_all_the_same(staff, db):
    chain = Chain.objects.create(slug="odd", name="Odd", definition={"steps": [{"id": "x"}]})

    assert "Say what the step runs" in staff.get(url(chain)).content.decode()


# --- who may


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("permission", "opens", "saves"),
    [(None, 403, 403), ("view_chain", 200, 403), ("change_chain", 200, 302)],
)
def test_a_page_is_for_those_who_have_the_permission(client, bob, chain, permission, opens, saves):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(bob)
    form = {"name": "Brand", "slug": "brand", "inputs-TOTAL_FORMS": "1", "inputs-INITIAL_FORMS": "0"}
    form |= {"inputs-0-name": "input", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0"}
    form |= {"steps-0-id": "a", "steps-0-runs": "transform:strip", "steps-0-input-value": "input.input"}

    page = client.get(url(chain))
    assert page.status_code == opens
    assert ("Save</button>" in page.content.decode()) == (permission == "change_chain")
    assert client.post(url(chain), form).status_code == saves
    assert client.post(url(chain, "try"), form).status_code == (200 if saves == 302 else 403)
    assert client.get(ADD).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_nobody_else_comes_in(client, bob, chain, model):
    client.force_login(bob)
    assert client.get(url(chain), follow=True).status_code == 403
    assert client.post(url(chain, "try"), follow=True).status_code == 403
    client.logout()
    assert client.get(url(chain)).status_code == 302
    assert client.post(url(chain, "try")).status_code == 302
    assert not model.requests


@pytest.mark.django_db(transaction=True)
def test_a_chain_that_is_not_there_is_not_found(staff, db):
    assert staff.get("/admin/agents/chain/99/change/").status_code == 404
    assert staff.post("/admin/agents/chain/99/try/").status_code == 404
    assert staff.get("/admin/agents/chain/99/try/").status_code == 405


def test_a_chain_in_use_is_kept(staff, chain):
    brand_agent(chain)

    page = staff.post(url(chain, "delete"), {"post": "yes"})

    assert Chain.objects.exists()
    assert "1 agent" in page.content.decode()


def test_a_chain_that_another_runs_is_kept_too(staff, chain):
    outer = Chain.objects.create(slug="outer", name="Outer", definition={"steps": [{"id": "go", "chain": "brand"}]})

    assert "Delete…" not in staff.get(url(chain)).content.decode()
    assert staff.post(url(chain, "delete"), {"post": "yes"}).status_code == 403
    page = saved(staff, chain, slug="brands")
    assert "Outer runs this chain by its slug" in page.content.decode()
    assert url(outer) in page.content.decode()


# --- trying


def tried(staff, chain, **typed):
    return staff.post(url(chain, "try"), filled(staff.get(url(chain)), "editor", **typed))


@pytest.mark.django_db(transaction=True)
def test_a_try_runs_what_is_typed_and_shows_its_trace(staff, chain, model):
    page = tried(staff, chain, sample__product="socks", steps__1__input__name="input.product")

    assert [request.messages[-1].content for request in model.requests] == [
        "What is a good name for a company that makes socks?",
        "Write a slogan for socks.",
    ]
    assert page.context["attempt"].answer == "Go!"
    trace = Trace.objects.get()
    assert (trace.kind, trace.status, trace.prompt_version) == ("playground", "succeeded", None)
    assert [step.kind for step in trace.steps.all()].count("plan") == 2
    assert "Slogan" in page.content.decode()
    chain.refresh_from_db()
    assert chain.definition == DEFINITION
    assert staff.get(reverse("admin:agents_trace_change", args=[trace.pk])).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_try_that_can_not_run_says_why(staff, chain, model):
    without_value = tried(staff, chain)
    broken = tried(staff, chain, sample__product="x", steps__0__input__product="")

    assert "Give a value for product first." in without_value.content.decode()
    assert "This chain can&#x27;t run yet." in broken.content.decode()
    assert not model.requests


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_is_shown_with_what_came_before(staff, chain, model):
    model.replies = ("Toes", ModelError("unreachable", "The model's server doesn't answer."))

    page = tried(staff, chain, sample__product="socks").content.decode()

    assert "The step “Slogan” failed" in page
    assert "Toes" in page
    assert Trace.objects.get().status == "failed"


# --- agents and tools of chains


def test_an_agent_of_a_chain_needs_no_prompt(staff, chain):
    page = staff.get("/admin/agents/agent/add/")
    form = filled(page, "form", name="Brand ideas", slug="brand-ideas", agent_type="chain", chain=str(chain.pk))

    done = staff.post("/admin/agents/agent/add/", form)

    assert done.status_code == 302
    agent = Agent.objects.get()
    assert (agent.chain, agent.prompt) == (chain, None)
    assert "brand" in staff.get("/admin/agents/agent/").content.decode()


def test_an_agent_lacks_what_its_type_needs(staff, chain):
    add = "/admin/agents/agent/add/"
    form = filled(staff.get(add), "form", name="X", slug="x")

    assert "choose one" in staff.post(add, {**form, "agent_type": "chain"}).content.decode()
    assert "Choose the prompt" in staff.post(add, {**form, "agent_type": "conversation"}).content.decode()


def test_a_tool_of_a_chain_is_added(staff, chain):
    add = "/admin/agents/tool/add/"
    form = filled(staff.get(add), "form", name="Brand", slug="brand", kind="chain", description="Finds names.")

    assert "Choose the chain" in staff.post(add, form).content.decode()
    assert staff.post(add, {**form, "chain": str(chain.pk)}).status_code == 302
    assert Tool.objects.get().chain == chain


# --- what a chain names


def running(**target):
    """A chain of one step."""
    steps = [{"id": "go", "inputs": {"input": "input.input"}, **target}]
    return Chain.objects.create(slug="outer", name="Outer", definition={"inputs": ["input"], "steps": steps})


def test_an_agent_that_a_chain_runs_keeps_its_slug_and_stays(staff, chain):
    agent = brand_agent(chain)
    running(agent="brand-ideas")
    change = reverse("admin:agents_agent_change", args=[agent.pk])
    form = filled(staff.get(change), "form")

    renamed = staff.post(change, {**form, "slug": "ideas"})
    deleted = staff.post(reverse("admin:agents_agent_delete", args=[agent.pk]), {"post": "yes"})

    assert "runs this agent by its slug, so it must stay: “Outer”." in renamed.content.decode()
    assert "The chain “Outer”, which runs it by its slug" in deleted.content.decode()
    assert Agent.objects.get().slug == "brand-ideas"
    assert staff.post(change, {**form, "name": "Ideas"}).status_code == 302


@pytest.mark.parametrize("reference", ["slogan", "slogan@production"])
def test_a_prompt_that_a_chain_runs_keeps_its_short_name(staff, db, reference):
    prompt = publish("slogan", "Write a slogan for {input}.").prompt
    running(prompt=reference)
    settings = f"/admin/agents/prompt/{prompt.pk}/settings/"

    page = staff.post(settings, {"name": "Slogan", "slug": "slogans", "description": ""})

    assert "runs this prompt by its short name, so it must stay: “Outer”." in page.content.decode()
    assert staff.post(settings, {"name": "Slogans", "slug": "slogan", "description": ""}).status_code == 302


def test_a_tool_is_not_given_a_chain_that_leads_back_to_an_agent_that_has_it(staff, chain):
    tool = Tool.objects.create(slug="brand", kind="chain", chain=chain, name="Brand", description="x")
    prompt = publish("thinker", "Use tools.\n{tools}\n{input}").prompt
    agent = Agent.objects.create(
        slug="thinker", name="Thinker", agent_type="zero-shot-react-description", prompt=prompt
    )
    agent.agent_tools.create(tool=tool)
    outer = running(agent="thinker")
    change = reverse("admin:agents_tool_change", args=[tool.pk])
    form = filled(staff.get(change), "form")

    page = staff.post(change, {**form, "chain": str(outer.pk)})

    assert "The agent “Thinker” has this tool. The chain “outer” runs this agent" in page.content.decode()
    tool.refresh_from_db()
    assert tool.chain == chain
    assert staff.post(change, {**form, "description": "Finds names."}).status_code == 302
