"""The admin is for staff, and each list asks as much of the database for many rows as for one."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from agents.models import Document, DocumentCollection, Evaluation, LanguageModel, Tool
from agents.services.prompts import create_draft, create_prompt, publish_version
from tests.agents.admin.conftest import measured

LISTS = [
    "agents_prompt_changelist",
    "agents_evaluation_changelist",
    "agents_dataset_changelist",
    "agents_agent_changelist",
    "agents_chain_changelist",
    "agents_tool_changelist",
    "agents_documentcollection_changelist",
    "agents_document_changelist",
    "agents_languagemodel_changelist",
    "agents_provider_changelist",
    "agents_trace_changelist",
    "agents_user_changelist",
    "auth_group_changelist",
    "agents_apikey_changelist",
    "chat_conversation_changelist",
]
OTHERS = [
    "index",
    "agents_chain_add",
    "agents_evaluation_add",
    "agents_evaluation_compare",
    "agents_dataset_import",
    "agents_apikey_add",
]


@pytest.mark.parametrize("name", [*LISTS, *OTHERS])
def test_every_page_opens_for_staff_when_there_is_nothing_yet(staff, name):
    assert staff.get(reverse(f"admin:{name}")).status_code == 200


@pytest.mark.parametrize("name", [name for name in LISTS if name != "agents_user_changelist"])  # Grace is in that one
def test_an_empty_list_says_what_to_do_first(staff, name):
    page = staff.get(reverse(f"admin:{name}"))

    assert page.context["empty_title"] in page.content.decode()


@pytest.mark.parametrize("name", [*LISTS, *OTHERS])
def test_a_stranger_is_refused_with_a_sentence(client, bob, name):
    client.force_login(bob)

    response = client.get(reverse(f"admin:{name}"), follow=True)

    assert response.status_code == 403
    assert "This part is for staff" in response.content.decode()


def test_whoever_is_not_signed_in_is_sent_to_our_own_sign_in_page(client, db):
    response = client.get("/admin/agents/prompt/", follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/sign-in/?next=/admin/agents/prompt/"


def test_staff_without_permissions_sees_no_prompts(client, bob):
    bob.is_staff = True
    bob.save()
    client.force_login(bob)

    assert client.get("/admin/").status_code == 200
    refused = client.get("/admin/agents/prompt/")
    assert refused.status_code == 403
    assert "An administrator can give you the permission" in refused.content.decode()
    assert 'class="sidebar"' in refused.content.decode()


def test_who_may_change_a_prompt_may_open_it(client, bob, first):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename="change_prompt"))
    client.force_login(bob)

    assert "/admin/agents/prompt/" in client.get("/admin/").content.decode()
    for name, args in (("change", [first.prompt_id]), ("version", [first.prompt_id, first.number])):
        assert client.get(reverse(f"admin:agents_prompt_{name}", args=args)).status_code == 200


@pytest.mark.parametrize(
    ("permission", "seen"),
    [
        (None, []),
        ("view_dataset", []),
        ("view_evaluation", ["Recent evaluations", "rating@2"]),
        ("view_prompt", ["Labels moved", "Drafts", "rating@3"]),
        ("change_prompt", ["Labels moved", "Drafts", "rating@3"]),
        ("view_trace", ["Use in the last 7 days", "Errors of the last 7 days"]),
    ],
)
def test_the_start_page_shows_what_the_person_may_see(client, bob, pair, draft, permission, seen):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(bob)

    page = client.get("/admin/").content.decode()

    sections = ["Recent evaluations", "rating@2", "Labels moved", "Drafts", "rating@3", "Use in the", "Errors of the"]
    assert [text for text in sections if text in page] == [text for text in sections if any(text in s for s in seen)]
    assert ("Welcome" in page) == (permission not in ("view_evaluation", "view_trace"))


def another_prompt(number, dataset, person):
    prompt = create_prompt(slug=f"prompt-{number}", name=f"Prompt {number}")
    draft = create_draft(prompt=prompt)
    draft.messages = [{"role": "user", "content": "{{ text }}"}]
    draft.save()
    version = publish_version(version=draft)
    measured(version, dataset, ["1", "3"])
    create_draft(prompt=prompt, parent=version)


@pytest.mark.parametrize("name", ["agents_prompt_changelist", "agents_evaluation_changelist", "index"])
def test_more_prompts_and_evaluations_ask_nothing_more(
    staff, grace, pair, dataset, name, django_assert_max_num_queries
):
    url = reverse(f"admin:{name}")
    with django_assert_max_num_queries(18) as few:
        staff.get(url)
    for number in range(2):
        another_prompt(number, dataset, grace)

    # The start page looks for a pair to compare in the prompts measured last.
    with django_assert_max_num_queries(len(few) + (2 if name == "index" else 0)):
        staff.get(url)


def test_more_tools_documents_and_models_ask_nothing_more(staff, django_assert_max_num_queries):
    collection = DocumentCollection.objects.create(slug="wiki", name="Wiki")
    for number in range(5):
        Tool.objects.create(slug=f"t{number}", name=f"Tool {number}", collection=collection, builtin="documents-search")
        Document.objects.create(collection=collection, title=f"D{number}", text="Text")
        LanguageModel.objects.create(slug=f"m{number}", name="m")

    for name in ("agents_tool_changelist", "agents_document_changelist", "agents_languagemodel_changelist"):
        with django_assert_max_num_queries(7):
            staff.get(reverse(f"admin:{name}"))


@pytest.mark.parametrize("name", [*LISTS, *OTHERS])
def test_no_page_has_handlers_that_the_content_policy_forbids(staff, pair, name):
    response = staff.get(reverse(f"admin:{name}"))

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert " onclick=" not in response.content.decode()
    assert "javascript:" not in response.content.decode()


def test_a_change_without_the_token_of_our_own_form_is_refused(grace, pair):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(grace)

    answer = browser.post(reverse("admin:agents_evaluation_again", args=[pair[0].pk]))

    assert answer.status_code == 403
    assert Evaluation.objects.count() == 2


def test_a_page_that_does_not_exist_is_said_within_the_admin(staff):
    answer = staff.get("/admin/agents/nonsense/")

    assert answer.status_code == 404
    assert "Go to the start page" in answer.content.decode()


def test_cells_of_a_list_say_what_they_are_where_rows_are_cards(staff, draft):
    page = staff.get("/admin/agents/prompt/").content.decode()

    assert 'data-label="Slug"' in page


LONG = "9" * 40
ENDLESS = "9" * 5000


@pytest.mark.parametrize(
    "page",
    [
        "evaluation/abc/change/",
        f"evaluation/{LONG}/change/",
        "trace/abc/change/",
        f"trace/{LONG}/change/",
        "prompt/abc/change/",
        f"prompt/{ENDLESS}/change/",
        f"prompt/{LONG}/labels/move/",
        f"prompt/{LONG}/versions/1/",
        f"prompt/{LONG}/versions/1/publish/",
        f"prompt/{LONG}/versions/1/discard/",
        f"prompt/{LONG}/versions/1/export/",
        f"prompt/1/versions/{LONG}/",
        "dataset/abc/change/",
        f"dataset/{ENDLESS}/change/",
        f"dataset/{LONG}/export/",
        f"dataset/{LONG}/cases/add/",
        f"dataset/{LONG}/cases/1/",
        f"dataset/{LONG}/cases/1/delete/",
        f"apikey/{LONG}/revoke/",
    ],
)
def test_what_can_be_no_id_is_not_found(staff, pair, page):
    assert staff.get(f"/admin/agents/{page}").status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        f"evaluation/add/?version={ENDLESS}",
        f"evaluation/compare/?a={LONG}&b=abc",
        f"evaluation/compare/?version_a={ENDLESS}&version_b=abc",
        f"prompt/{{prompt}}/versions/1/?against={ENDLESS}",
    ],
)
def test_an_id_that_is_none_is_not_taken_into_account(staff, pair, page):
    address = page.format(prompt=pair[0].version.prompt_id)

    assert staff.get(f"/admin/agents/{address}").status_code == 200


def test_a_conversation_that_can_be_none_is_not_found(staff):
    assert staff.get("/admin/chat/conversation/abc/change/").status_code == 404
