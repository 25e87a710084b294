"""Agents, tools and people through their forms."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from agents.models import Agent, ApiKey, Chain, DocumentCollection, LanguageModel, Tool
from agents.runtime.agents.registry import KINDS
from agents.services.prompts import import_prompt


def agent_form(prompt, **typed):
    return {
        "name": "Rater",
        "slug": "rater",
        "description": "",
        "starters": "Is tea better?\n\nIs rain good?",
        "agent_type": "conversation",
        "prompt": prompt.pk,
        "label": "production",
        "model": "",
        "max_steps": 5,
        "timeout_s": 60,
        "max_total_tokens": 1000,
        "on_limit": "generate",
        "order": 1,
        "enabled": "on",
        "agent_tools-TOTAL_FORMS": 0,
        "agent_tools-INITIAL_FORMS": 0,
        **typed,
    }


def test_an_agent_is_added_with_its_starters_one_a_line(staff, first):
    staff.post(reverse("admin:agents_agent_add"), agent_form(first.prompt))

    assert Agent.objects.get(slug="rater").starters == ["Is tea better?", "Is rain good?"]


def test_what_was_saved_is_said_in_one_sentence(staff, first):
    added = staff.post(reverse("admin:agents_agent_add"), agent_form(first.prompt), follow=True)
    url = reverse("admin:agents_agent_change", args=[Agent.objects.get().pk])
    changed = staff.post(url, agent_form(first.prompt, name="Judge", _continue="1"), follow=True)

    assert [str(message) for message in added.context["messages"]] == ["“Rater” is saved."]
    assert [str(message) for message in changed.context["messages"]] == ["“Judge” is saved."]


def test_an_agent_that_cannot_work_is_refused_with_a_sentence_and_keeps_what_was_typed(staff, first):
    typed = agent_form(first.prompt, label="staging")

    answer = staff.post(reverse("admin:agents_agent_add"), typed)

    page = answer.content.decode()
    assert "has no version labelled “staging”" in page
    assert "Is rain good?" in page
    assert not Agent.objects.exists()


def test_a_prompt_that_the_type_cannot_use_is_said_at_the_prompt(staff, grace):
    version = import_prompt(
        data={"slug": "tools", "messages": [{"role": "user", "content": "{{ tools }} {{ input }}"}]}
    )
    typed = agent_form(version.version.prompt)

    form = staff.post(reverse("admin:agents_agent_add"), typed).context["adminform"].form

    assert "tools has a value only where an agent runs" in form.errors["prompt"][0]


def test_tools_that_the_type_does_not_take_are_said_at_the_tools(staff, first):
    typed = agent_form(first.prompt, agent_type="zero-shot-react-description")

    answer = staff.post(reverse("admin:agents_agent_add"), typed)

    formset = answer.context["inline_admin_formsets"][0].formset
    assert formset.non_form_errors() == ["This type of agent reasons with tools, and needs at least one."]


def test_a_search_tool_without_documents_is_refused(staff, first):
    tool = Tool.objects.create(slug="search", name="Search", builtin="documents-search", description="Finds.")
    typed = agent_form(first.prompt, agent_type="zero-shot-react-description")
    typed |= {"agent_tools-TOTAL_FORMS": 1, "agent_tools-0-tool": tool.pk, "agent_tools-0-order": 0}

    page = staff.post(reverse("admin:agents_agent_add"), typed).content.decode()

    assert "needs a document collection" in page
    assert not Agent.objects.exists()


def tool_row(name="Search", **given):
    return Tool.objects.create(slug=name.lower(), name=name, builtin="llm-math", description="Finds.", **given)


def rows_of(*tools):
    rows = {"agent_tools-TOTAL_FORMS": len(tools)}
    for place, tool in enumerate(tools):
        rows |= {f"agent_tools-{place}-tool": tool.pk, f"agent_tools-{place}-order": place}
    return rows


@pytest.mark.parametrize(
    ("agent_type", "names", "sentence"),
    [
        ("react-docstore", ["Search"], "“Lookup” is missing"),
        ("react-docstore", ["Search", "Lookup", "Third"], "Remove Third"),
        ("self-ask-with-search", ["Search"], "exactly one tool, named “Intermediate Answer”"),
        ("conversational-react-description", [], "needs at least one"),
    ],
)
def test_tools_of_another_type_are_said_at_the_tools(staff, first, agent_type, names, sentence):
    typed = agent_form(first.prompt, agent_type=agent_type) | rows_of(*[tool_row(name) for name in names])

    answer = staff.post(reverse("admin:agents_agent_add"), typed)

    (problem,) = answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert sentence in problem
    assert not Agent.objects.exists()


def test_a_tool_that_is_given_twice_is_said_in_words(staff, first):
    tool = tool_row()
    typed = agent_form(first.prompt, agent_type="zero-shot-react-description") | rows_of(tool, tool)

    page = staff.post(reverse("admin:agents_agent_add"), typed)

    formset = page.context["inline_admin_formsets"][0].formset
    assert formset.non_form_errors() == ["A tool can be given once: take one of the rows away that name the same."]
    assert not Agent.objects.exists()


def test_a_tool_may_have_the_name_that_a_type_needs_in_this_agent_alone(staff, first):
    typed = agent_form(first.prompt, agent_type="self-ask-with-search") | rows_of(tool_row())
    staff.post(reverse("admin:agents_agent_add"), typed | {"agent_tools-0-name": "Intermediate Answer"})

    assert Agent.objects.get().agent_tools.get().name == "Intermediate Answer"


def form_of(staff, typed):
    return staff.post(reverse("admin:agents_agent_add"), typed).context["adminform"].form


def test_memory_names_and_models_are_asked_for_in_fields(staff, first):
    typed = agent_form(
        first.prompt,
        agent_type="conversational-react-description",
        memory_policy="window",
        memory_turns=3,
        memory_max_tokens="",
        ai_prefix="Dr. Watson",
        fallbacks="gpt-mini\n\nqwen",
        max_cost="0.25",
        on_limit="force",
    )
    staff.post(reverse("admin:agents_agent_add"), typed | rows_of(tool_row()))

    agent = Agent.objects.get()
    assert agent.memory == {"policy": "window", "turns": 3}
    assert agent.options == {"ai_prefix": "Dr. Watson"}
    assert agent.fallbacks == ["gpt-mini", "qwen"]
    assert (str(agent.max_cost), agent.on_limit) == ("0.2500", "force")

    page = staff.get(reverse("admin:agents_agent_change", args=[agent.pk]))
    initial = page.context["adminform"].form.initial
    assert (initial["memory_policy"], initial["memory_turns"], initial["ai_prefix"]) == ("window", 3, "Dr. Watson")
    assert "gpt-mini\nqwen" in page.content.decode()
    assert not any(f'name="{name}"' in page.content.decode() for name in ("memory", "options"))


def test_all_of_the_conversation_is_no_policy(staff, first):
    staff.post(reverse("admin:agents_agent_add"), agent_form(first.prompt, memory_policy="", memory_turns=3))

    assert Agent.objects.get().memory == {}


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"prompt": ""}, "prompt", "Choose the prompt"),
        ({"agent_type": "chain"}, "chain", "choose one"),
        ({"human_prefix": "Bob"}, "human_prefix", "has no option “human_prefix”"),
        ({"fallbacks": "a\na"}, "fallbacks", "“a” would be asked twice"),
        ({"fallbacks": "a", "model": "a"}, "fallbacks", "“a” would be asked twice"),
        ({"max_steps": 0}, "max_steps", "greater than or equal to 1"),
        ({"memory_policy": "elephant"}, "memory_policy", "elephant"),
        ({"memory_policy": "token_buffer", "memory_max_tokens": 5}, "memory_max_tokens", "200"),
    ],
)
def test_each_mistake_is_said_at_its_field(staff, first, typed, field, sentence):
    form = form_of(staff, agent_form(first.prompt) | typed)

    assert sentence in form.errors[field][0]
    assert not Agent.objects.exists()


@pytest.mark.parametrize(("agent_type", "steps"), [("conversation", 15), ("react-docstore", 8)])
def test_without_a_number_an_agent_gets_as_many_steps_as_its_type_needs(staff, first, agent_type, steps):
    tools = [tool_row(), tool_row("Lookup")] if agent_type == "react-docstore" else []
    typed = agent_form(first.prompt, agent_type=agent_type, max_steps="") | rows_of(*tools)
    staff.post(reverse("admin:agents_agent_add"), typed)

    assert Agent.objects.get().max_steps == steps


def test_every_type_that_can_be_chosen_is_explained(staff, db):
    page = staff.get(reverse("admin:agents_agent_add")).content.decode()

    for name in KINDS:
        assert f'<li data-type="{name}">' in page
    assert "js/admin/agent_type" in page


def test_a_chain_is_named_where_others_have_their_prompt(staff, db):
    chain = Chain.objects.create(slug="two", name="Two steps")
    Agent.objects.create(slug="two", name="Two", agent_type="chain", chain=chain)

    assert "Two steps" in staff.get(reverse("admin:agents_agent_changelist")).content.decode()


def test_the_preview_of_a_prompt_has_the_format_and_the_tools_of_its_agent(staff, first):
    agent = Agent.objects.create(slug="a", name="A", prompt=first.prompt, agent_type="zero-shot-react-description")
    agent.agent_tools.create(tool=tool_row())
    url = reverse("admin:agents_prompt_version", args=[first.prompt_id, first.number])

    page = staff.get(url).content.decode()

    assert "Search — Finds." in page
    assert "Action Input: what to give the tool" in page


def test_a_model_asks_for_nothing_that_nobody_reads(staff, db):
    page = staff.get(reverse("admin:agents_languagemodel_add")).content.decode()

    assert 'name="context_window"' in page
    assert 'name="capabilities"' not in page


def test_the_title_of_a_form_names_what_is_edited(staff, db):
    gpt = LanguageModel.objects.create(slug="gpt", name="gpt-4")

    page = staff.get(reverse("admin:agents_languagemodel_change", args=[gpt.pk])).content.decode()

    assert f"<title>{gpt} · Parley admin</title>" in page


def test_every_field_of_a_row_says_what_it_is(staff, db):
    models = staff.get(reverse("admin:agents_languagemodel_add")).content.decode()
    agents = staff.get(reverse("admin:agents_agent_add")).content.decode()

    for page, name in ((models, "Input"), (models, "Output"), (agents, "Tool"), (agents, "Description")):
        assert f'aria-label="{name}"' in page
        assert f'data-label="{name}"' in page


def test_a_provider_is_asked_for_in_words(staff, db):
    page = staff.get(reverse("admin:agents_provider_add")).content.decode()

    assert ">Base URL</label>" in page
    assert ">Variable with the API key</label>" in page


def test_a_tool_is_one_of_the_code(staff, db):
    page = staff.get(reverse("admin:agents_tool_add")).content.decode()

    assert 'value="llm-math"' in page


def test_what_cannot_be_deleted_says_what_holds_it_and_leads_back(staff):
    wiki = DocumentCollection.objects.create(slug="wiki", name="Wiki")
    Tool.objects.create(slug="search", name="Search", collection=wiki, builtin="documents-search")
    url = reverse("admin:agents_documentcollection_delete", args=[wiki.pk])

    page = staff.get(url).content.decode()

    assert "can&#x27;t be deleted" in page
    assert f"/admin/agents/tool/?collection__id__exact={wiki.pk}" in page
    assert "1 tool" in page
    assert reverse("admin:agents_documentcollection_change", args=[wiki.pk]) in page
    assert staff.get(f"/admin/agents/tool/?collection__id__exact={wiki.pk}").status_code == 200


def test_a_dataset_that_was_measured_on_leads_to_its_evaluations(staff, pair, dataset):
    page = staff.get(reverse("admin:agents_dataset_delete", args=[dataset.pk])).content.decode()

    assert "2 evaluations" in page
    assert f"/admin/agents/evaluation/?dataset__id__exact={dataset.pk}" in page


def test_what_can_be_deleted_is_deleted_after_asking(staff, db):
    wiki = DocumentCollection.objects.create(slug="wiki", name="Wiki")
    url = reverse("admin:agents_documentcollection_delete", args=[wiki.pk])
    assert "Delete Wiki?" in staff.get(url).content.decode()

    staff.post(url, {"post": "yes"})

    assert not DocumentCollection.objects.exists()


def test_an_api_key_is_shown_once(staff, bob):
    answer = staff.post(reverse("admin:agents_apikey_add"), {"user": bob.pk, "name": "nightly"})

    secret = answer.context["secret"]
    assert ApiKey.objects.matching(secret).get().user == bob
    assert "no-store" in answer["Cache-Control"]
    assert secret not in staff.get(reverse("admin:agents_apikey_changelist")).content.decode()


@pytest.fixture
def issuer(client, bob):
    """A browser in which Bob, who may issue keys and nothing else, is signed in."""
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename="add_apikey"))
    client.force_login(bob)
    return client


def test_whoever_issues_keys_makes_them_for_themselves(issuer, bob):
    answer = issuer.post(reverse("admin:agents_apikey_add"), {"user": bob.pk, "name": "nightly"})

    assert ApiKey.objects.matching(answer.context["secret"]).get().user == bob


def test_only_an_administrator_makes_a_key_that_acts_for_another(issuer, ada):
    page = issuer.get(reverse("admin:agents_apikey_add")).content.decode()
    answer = issuer.post(reverse("admin:agents_apikey_add"), {"user": ada.pk, "name": "nightly"})

    assert ">ada<" not in page
    assert "Only administrators issue keys for others." in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing(staff, bob):
    key, secret = ApiKey.issue(user=bob, name="old")
    url = reverse("admin:agents_apikey_revoke", args=[key.pk])
    assert "Revoke the key" in staff.get(url).content.decode()
    assert ApiKey.objects.matching(secret).exists()

    staff.post(url)

    assert not ApiKey.objects.matching(secret).exists()


def test_whoever_may_only_look_sees_an_agent(client, bob, first):
    agent = Agent.objects.create(slug="a", name="A", prompt=first.prompt, memory={"policy": "window", "turns": 3})
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename="view_agent"))
    client.force_login(bob)

    page = client.get(reverse("admin:agents_agent_change", args=[agent.pk]))

    assert page.status_code == 200
