"""A draft in the other template format."""

from django.urls import reverse

from agents.services.prompts import content_of, save_draft
from tests.agents.admin.conftest import content
from tests.agents.admin.forms import filled


def url(version, page="_convert"):
    return reverse(f"admin:agents_prompt_version{page}", args=[version.prompt_id, version.number])


def test_a_draft_is_converted_after_its_differences_were_shown(staff, draft):
    page = staff.get(url(draft))
    shown = page.content.decode()
    assert "{{ text }}" in shown
    assert "{text}" in shown.replace("{{ text }}", "")
    draft.refresh_from_db()
    assert draft.format == "mustache"

    done = staff.post(url(draft), filled(page, "submit"))

    assert done.url == url(draft, "")
    draft.refresh_from_db()
    assert (draft.format, draft.messages[1]["content"]) == ("fstring", "{text}")
    assert [example.output for example in draft.examples.all()] == ["0"]


def test_there_and_back_says_the_same(staff, draft):
    before = content_of(draft)
    for _ in range(2):
        staff.post(url(draft), filled(staff.get(url(draft)), "submit"))

    draft.refresh_from_db()
    assert content_of(draft) == before


def test_what_the_other_format_cannot_say_is_named_and_nothing_is_changed(staff, draft):
    save_draft(version=draft, content=content("{{#text}}Some.{{/text}}"), examples=[])

    page = staff.get(url(draft))
    assert "Message 1: Sections and inclusions can&#x27;t be expressed" in page.content.decode()
    assert staff.post(url(draft)).status_code == 422
    draft.refresh_from_db()
    assert draft.format == "mustache"


def test_a_draft_that_changed_meanwhile_is_shown_again(staff, ada, draft):
    sent = filled(staff.get(url(draft)), "submit")
    save_draft(version=draft, content=content("By Ada."), examples=[], author=ada)

    refused = staff.post(url(draft), sent)
    assert (refused.status_code, "ada saved this draft" in refused.content.decode()) == (422, True)


def test_a_published_version_stays_as_it_is(staff, first):
    assert staff.post(url(first)).url == url(first, "")
    first.refresh_from_db()
    assert first.format == "mustache"


def test_the_editor_leads_there(staff, draft):
    assert url(draft) in staff.get(url(draft, "")).content.decode()
