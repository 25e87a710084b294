"""The conversation log: who may read it, what it shows, and that reading is recorded."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from agents.models import ModelCall, Step, ToolCall
from agents.services import traces
from chat.models import Conversation, Message, Run

LOG = "/admin/chat/conversation/"


def answered(conversation, question, answer, *, state="succeeded"):
    asked = Message.objects.create(conversation=conversation, role="user", content=question)
    said = Message.objects.create(conversation=conversation, role="assistant", content=answer, parent=asked)
    trace = traces.open_trace(kind="run", prompt_version=None)
    Step.objects.create(trace=trace, number=1, kind="action", text="Search: towers", ms=10)
    ToolCall.objects.create(trace=trace, step=1, call="c1", tool="Search", input="towers", output="A tower.", ms=12)
    request = {"messages": [{"role": "system", "content": "You know towers."}, {"role": "user", "content": question}]}
    ModelCall.objects.create(
        trace=trace, step=1, model="m1", request=request, response=answer, input_tokens=1200, output_tokens=34
    )
    traces.close_trace(trace.pk, status=state, texts={})
    error = {"error_code": "timeout", "error_detail": "The model took too long."} if state == "failed" else {}
    return Run.objects.create(
        trace=trace,
        conversation=conversation,
        user=conversation.owner,
        answer=said,
        client_id=f"{said.pk}",
        state=state,
        finished_at=timezone.now(),
        **error,
    )


@pytest.fixture
def conversation(ada):
    conversation = Conversation.objects.create(owner=ada)
    answered(conversation, "How tall is the tower?", "About 324 metres.")
    return conversation


def page_of(conversation):
    return reverse("admin:chat_conversation_change", args=[conversation.pk])


def test_the_log_lists_conversations_by_their_first_words(client, grace, conversation):
    client.force_login(grace)

    page = client.get(LOG).content.decode()

    assert "How tall is the tower?" in page
    assert "1,234" in page


def test_a_conversation_shows_every_call_whole(client, grace, conversation):
    client.force_login(grace)

    page = client.get(page_of(conversation)).content.decode()

    for said in ("About 324 metres.", "You know towers.", "A tower.", "1,200 in", "Search"):
        assert said in page


def test_a_step_of_which_nothing_stayed_is_not_shown(client, grace, conversation):
    trace = Run.objects.get(conversation=conversation).trace
    Step.objects.create(trace=trace, number=2, kind="plan", text="", ms=1)
    Step.objects.create(trace=trace, number=3, parent=2, kind="thought", text="I look.", ms=1)
    Step.objects.create(trace=trace, number=4, kind="observation", text=" ", ms=23_000)
    client.force_login(grace)

    page = client.get(page_of(conversation)).content.decode()

    assert [f"is-{kind}" in page for kind in ("action", "plan", "thought", "observation")] == [True, True, True, False]


def test_a_long_conversation_is_read_by_pages(client, grace, conversation):
    for number in range(12):
        answered(conversation, f"Question {number}", "Yes.")
    client.force_login(grace)

    first = client.get(page_of(conversation))
    second = client.get(page_of(conversation), {"page": "2"})

    assert "How tall is the tower?" in first.content.decode()
    assert "Question 11" not in first.content.decode()
    assert "Page 1 of 2" in first.content.decode()
    assert [turn["message"].content for turn in second.context["page"]][-2:] == ["Question 11", "Yes."]


def test_versions_of_a_turn_are_counted_across_pages(client, grace, conversation):
    for number in range(12):
        answered(conversation, f"Question {number}", "Yes.")
    client.force_login(grace)

    second = client.get(page_of(conversation), {"page": "2"}).content.decode()

    assert "version 13 of 13" in second


def test_reading_what_others_said_is_recorded(client, grace, conversation):
    client.force_login(grace)

    client.get(page_of(conversation))

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (grace, str(conversation.pk))
    assert "grace" in client.get(page_of(conversation)).content.decode()


def test_reading_one_s_own_is_not(client, grace):
    client.force_login(grace)

    client.get(page_of(Conversation.objects.create(owner=grace)))

    assert not LogEntry.objects.exists()


def test_a_reviewer_needs_the_permission_and_nothing_more(client, bob, conversation):
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    assert client.get(LOG).status_code == 403
    assert client.get(page_of(conversation)).status_code == 403

    bob.user_permissions.add(Permission.objects.get(codename="review_conversations"))

    assert client.get(LOG).status_code == 200
    assert client.get(page_of(conversation)).status_code == 200


def test_a_stranger_is_refused(client, bob, conversation):
    client.force_login(bob)

    assert client.get(page_of(conversation), follow=True).status_code == 403
    assert not LogEntry.objects.exists()


def test_nothing_can_be_changed(client, grace, conversation):
    client.force_login(grace)

    assert client.post(reverse("admin:chat_conversation_delete", args=[conversation.pk])).status_code == 403
    assert client.get(reverse("admin:chat_conversation_add")).status_code == 403


def test_failed_answers_are_found_and_explained(client, grace, ada, conversation):
    failed = Conversation.objects.create(owner=ada)
    answered(failed, "And the other one?", "", state="failed")
    client.force_login(grace)

    listed = client.get(LOG, {"errors": "yes"}).content.decode()

    assert "And the other one?" in listed
    assert "How tall is the tower?" not in listed
    assert "The model took too long." in client.get(page_of(failed)).content.decode()


def test_answers_that_were_stopped_and_tools_that_failed_are_found_too(client, grace, ada, conversation):
    client.force_login(grace)
    in_circles, broken = Conversation.objects.create(owner=ada), Conversation.objects.create(owner=ada)
    Run.objects.filter(pk=answered(in_circles, "Round?", "Round.").pk).update(stop_reason="loop")
    ToolCall.objects.filter(trace=answered(broken, "Count!", "No.").trace).update(error="tool_failed")

    found = client.get(LOG, {"errors": "yes"}).context["cl"].queryset

    assert set(found) == {in_circles, broken}
    assert "went in circles" in client.get(page_of(in_circles)).content.decode()
    start = client.get("/admin/").content.decode()
    assert "Tool failed" in start
    assert f"{LOG}?errors=yes" in start


def test_a_search_without_hits_is_no_failure(client, grace, ada):
    conversation = Conversation.objects.create(owner=ada)
    ToolCall.objects.filter(trace=answered(conversation, "Where?", "Nowhere.").trace).update(error="not_found")
    client.force_login(grace)

    assert not client.get(LOG, {"errors": "yes"}).context["cl"].queryset
    assert not client.get("/admin/").context["failures"]
    page = client.get(page_of(conversation)).content.decode()
    assert "found nothing" in page
    assert "call--failed" not in page


def test_failures_of_models_and_tools_are_said_in_words(client, grace, ada):
    conversation = Conversation.objects.create(owner=ada)
    trace = answered(conversation, "Where?", "There.").trace
    trace.tool_calls.update(error="bad_input")
    trace.model_calls.update(error="not_found")
    client.force_login(grace)

    for page in ("/admin/", page_of(conversation)):
        said = client.get(page).content.decode().lower()
        assert "the tool couldn&#x27;t use its input" in said
        assert "the server doesn&#x27;t know the model" in said


def test_a_trace_of_a_conversation_is_read_in_the_log_alone(client, grace, conversation):
    client.force_login(grace)
    trace = Run.objects.get().trace

    assert client.get(reverse("admin:agents_trace_change", args=[trace.pk])).status_code == 404


def test_more_conversations_and_answers_ask_nothing_more(
    client, grace, ada, conversation, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(grace)
    client.get(page_of(conversation))
    with django_assert_max_num_queries(6) as listing:
        client.get(LOG)
    with django_assert_max_num_queries(14) as reading:
        client.get(page_of(conversation))
    for number in range(4):
        answered(conversation, f"Question {number}", "Yes.")
        answered(Conversation.objects.create(owner=ada), "Hello", "Hi.")

    with django_assert_num_queries(len(listing)):
        client.get(LOG)
    with django_assert_num_queries(len(reading)):
        client.get(page_of(conversation))
