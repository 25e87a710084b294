"""Pages and small changes over HTTP: the same short ladder for each."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.services.accounts import first_administrator, issue_sign_in_link
from chat import views
from chat.models import Conversation, Message, Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chat_of_ada(ada, assistant):
    conversation = Conversation.objects.create(owner=ada, agent=assistant, title="Engines")
    question = Message.objects.create(conversation=conversation, role="user", content="What is an engine?")
    answers = [
        Message.objects.create(conversation=conversation, parent=question, role="assistant", content=text)
        for text in ("A machine.", "A thing that turns.")
    ]
    conversation.active_leaf = answers[1]
    conversation.save()
    return conversation


def post(client, name, conversation, **body):
    url = reverse(name, args=[conversation.pk])
    return client.post(url, json.dumps(body), content_type="application/json")


def test_the_owner_sees_the_chat_and_its_title_in_the_rail(client, ada, chat_of_ada):
    client.force_login(ada)

    page = client.get(reverse("conversation", args=[chat_of_ada.pk]))

    assert page.status_code == 200
    assert "Engines" in page.content.decode()
    assert page.context["bootstrap"]["snapshot"]["messages"][-1]["content"] == "A thing that turns."


def test_who_is_not_signed_in_is_sent_to_sign_in(client, chat_of_ada):
    page = client.get(reverse("conversation", args=[chat_of_ada.pk]))

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("sign_in"))


def test_a_stranger_finds_nothing(client, bob, chat_of_ada):
    client.force_login(bob)

    assert client.get(reverse("conversation", args=[chat_of_ada.pk])).status_code == 404
    assert client.get(reverse("older_messages", args=[chat_of_ada.pk])).status_code == 404
    for name in ("rename_conversation", "pin_conversation", "delete_conversation", "restore_conversation"):
        assert post(client, name, chat_of_ada, title="Mine", pinned=True).status_code == 404
    chat_of_ada.refresh_from_db()
    assert (chat_of_ada.title, chat_of_ada.pinned, chat_of_ada.deleted_at) == ("Engines", False, None)


def test_a_chat_is_renamed_pinned_deleted_and_brought_back(client, ada, chat_of_ada):
    client.force_login(ada)

    assert post(client, "rename_conversation", chat_of_ada, title="  Steam \n engines ").status_code == 200
    assert post(client, "pin_conversation", chat_of_ada, pinned=True).status_code == 200
    assert post(client, "delete_conversation", chat_of_ada).status_code == 200
    gone = client.get(reverse("conversation", args=[chat_of_ada.pk]))
    assert post(client, "restore_conversation", chat_of_ada).status_code == 200
    back = client.get(reverse("conversation", args=[chat_of_ada.pk]))

    assert (gone.status_code, back.status_code) == (404, 200)
    chat_of_ada.refresh_from_db()
    assert (chat_of_ada.title, chat_of_ada.pinned) == ("Steam engines", True)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"title": 3}', '{"title": "  "}', '{"title": "' + "x" * 201 + '"}'])
def test_a_bad_name_changes_nothing(client, ada, chat_of_ada, body):
    client.force_login(ada)

    refused = client.post(reverse("rename_conversation", args=[chat_of_ada.pk]), body, content_type="application/json")

    assert refused.status_code == 400
    assert refused.json()["detail"]
    chat_of_ada.refresh_from_db()
    assert chat_of_ada.title == "Engines"


def test_the_chosen_branch_survives_a_reload(client, ada, chat_of_ada):
    client.force_login(ada)
    first = Message.objects.get(content="A machine.")

    chosen = post(client, "show_branch", chat_of_ada, message=str(first.pk)).json()
    page = client.get(reverse("conversation", args=[chat_of_ada.pk]))

    assert chosen["messages"][-1]["content"] == "A machine."
    assert len(chosen["messages"][-1]["siblings"]) == 2
    assert page.context["bootstrap"]["snapshot"]["leaf"] == str(first.pk)


def test_a_branch_of_another_chat_is_not_found(client, ada, chat_of_ada):
    client.force_login(ada)

    assert post(client, "show_branch", chat_of_ada, message=str(uuid4())).status_code == 404
    assert post(client, "show_branch", chat_of_ada, message="no-uuid").status_code == 404


def test_a_long_chat_comes_in_pages_with_few_queries(client, ada, chat_of_ada, django_assert_max_num_queries):
    client.force_login(ada)
    parent = chat_of_ada.active_leaf
    for number in range(150):
        parent = Message.objects.create(
            conversation=chat_of_ada, parent=parent, role="user" if number % 2 else "assistant", content=f"m{number}"
        )
    Conversation.objects.filter(pk=chat_of_ada.pk).update(active_leaf=parent)

    with django_assert_max_num_queries(12):
        snapshot = client.get(reverse("conversation", args=[chat_of_ada.pk])).context["bootstrap"]["snapshot"]
    first = snapshot["messages"][0]
    older = client.get(reverse("older_messages", args=[chat_of_ada.pk]), {"before": first["id"]}).json()

    assert (len(snapshot["messages"]), snapshot["more"]) == (60, True)
    assert older["messages"][-1]["id"] == first["parent"]


def test_a_sign_in_link_works_once(client, django_user_model):
    admin = django_user_model.objects.create_superuser("admin")
    url = reverse("sign_in_link", args=[issue_sign_in_link(user=admin)])

    first = client.get(url)
    client.logout()
    second = client.get(url)

    assert first.status_code == 302
    assert second.status_code == 410
    assert "_auth_user_id" not in client.session


def test_no_more_links_once_admin_has_a_password(django_user_model):
    admin = django_user_model.objects.create_superuser("admin")
    assert first_administrator() == admin

    admin.set_password("a long enough one")
    admin.save()

    assert first_administrator() is None


def test_a_changed_page_can_not_be_framed_or_run_foreign_scripts(client, ada):
    client.force_login(ada)

    policy = client.get("/")["Content-Security-Policy"]

    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'nonce-" in policy


def test_healthz_answers_without_sign_in(client):
    assert client.get("/healthz").content == b"ok\n"


def test_the_api_refuses_unknown_addresses_in_its_own_shape(client):
    answer = client.get("/v1/nope")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_an_unknown_address_leads_back_to_the_chat(client):
    answer = client.get("/nonsense/")

    assert answer.status_code == 404
    assert "Go to the chat" in answer.content.decode()


def test_older_chats_can_be_shown_and_pinned_ones_always_are(client, ada, assistant, monkeypatch):
    monkeypatch.setattr(views, "RAIL", 2)
    for number in range(5):
        Conversation.objects.create(owner=ada, agent=assistant, title=f"Chat {number}", pinned=number == 0)
    client.force_login(ada)

    short = client.get("/").content.decode()
    longer = client.get("/?chats=4").content.decode()
    odd = client.get("/?chats=-1e9").content.decode()

    assert [f"Chat {number}" in short for number in range(5)] == [True, False, False, False, True]
    assert 'href="?chats=4"' in short and 'href="?chats=6"' in longer
    assert "Chat 2" in longer and "Chat 1" not in longer
    assert odd.count("data-id") == short.count("data-id")


def test_looking_for_queued_runs_reads_no_others(db):
    plan = Run.objects.queued().order_by("created_at").values_list("pk", flat=True)[:100].explain()

    # PostgreSQL reads a table that holds nothing without its indexes.
    assert connection.vendor == "postgresql" or "queued_runs_by_age" in plan


def test_a_form_from_a_page_that_was_open_for_too_long_says_what_to_do(ada):
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("sign_in"), {"username": "ada", "password": "lovelace"})

    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
