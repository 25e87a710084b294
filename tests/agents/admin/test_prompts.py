"""From draft to production through the pages, and what those pages refuse."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from agents.models import FewShotExample, Prompt, PromptVersion
from agents.services.prompts import import_prompt, publish_version, save_draft
from tests.agents.admin.conftest import content
from tests.agents.admin.forms import filled


def url(version, page=""):
    return reverse(f"admin:agents_prompt_version{page}", args=[version.prompt_id, version.number])


def test_a_new_prompt_opens_with_a_draft_to_fill_in(staff):
    answer = staff.post(reverse("admin:agents_prompt_add"), {"name": "Summary", "slug": "summary", "description": ""})

    prompt = Prompt.objects.get(slug="summary")
    assert answer.url == reverse("admin:agents_prompt_version", args=[prompt.pk, 1])
    assert "Messages" in staff.get(answer.url).content.decode()


def test_two_who_edit_one_draft_do_not_overwrite_each_other(staff, grace, ada, draft):
    page = staff.get(url(draft))
    save_draft(version=draft, content=content("By Ada."), examples=[], author=ada)

    typed = filled(page, "editor", messages__0__content="By Grace.")
    refused = staff.post(url(draft), {**typed, "_save": "1"})

    draft.refresh_from_db()
    assert refused.status_code == 422
    assert "ada saved this draft after you had opened it" in refused.content.decode()
    assert draft.messages[0]["content"] == "By Ada."

    again = filled(refused, "editor")
    assert again["messages-0-content"] == "By Grace."
    assert staff.post(url(draft), {**again, "_save": "1"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.messages[0]["content"], draft.author) == ("By Grace.", grace)


def test_looking_at_a_preview_keeps_what_a_save_is_measured_by(staff, ada, draft):
    page = staff.get(url(draft))
    save_draft(version=draft, content=content("By Ada."), examples=[], author=ada)

    previewed = staff.post(url(draft), {**filled(page, "editor"), "_preview": "1"})

    assert staff.post(url(draft), {**filled(previewed, "editor"), "_save": "1"}).status_code == 422


def test_one_who_saves_twice_is_not_in_the_way(staff, draft):
    for text in ("Once.", "Twice."):
        typed = filled(staff.get(url(draft)), "editor", messages__0__content=text)
        assert staff.post(url(draft), {**typed, "_save": "1"}).status_code == 302


def test_the_list_of_prompts_reads_no_texts_of_versions(staff, pair, draft, django_assert_max_num_queries):
    with django_assert_max_num_queries(18) as asked:
        page = staff.get(reverse("admin:agents_prompt_changelist")).content.decode()

    assert "draft 3" in page
    assert not [query["sql"] for query in asked if '"agents_promptversion"."messages"' in query["sql"]]


def test_a_prompt_goes_from_draft_to_production(staff, prompt, draft):
    page = staff.get(url(draft))
    typed = filled(page, "editor", messages__0__content="Rate it, please.", commit_message="Politer")
    assert staff.post(url(draft), {**typed, "_publish": "1"}).url == url(draft, "_publish")

    staff.post(url(draft, "_publish"))
    draft.refresh_from_db()
    assert draft.is_published
    assert draft.messages[0] == {"role": "system", "content": "Rate it, please."}
    assert prompt.labels.get(name="production").version.number == 1

    move = reverse("admin:agents_prompt_label_move", args=[prompt.pk])
    asked = staff.get(move, {"name": "production", "version": draft.number})
    assert "is version 1 now" in asked.content.decode()
    staff.post(move, {"name": "production", "version": draft.number})

    assert prompt.labels.get(name="production").version == draft
    assert prompt.label_moves.first().before.number == 1
    history = staff.get(reverse("admin:agents_prompt_history", args=[prompt.pk])).content.decode()
    assert "Published version 2." in history
    assert "Moved production to version 2." in history


def test_saving_what_the_page_shows_changes_nothing(staff, draft):
    before = staff.get(url(draft))

    staff.post(url(draft), {**filled(before, "editor"), "_save": "1"})

    saved = PromptVersion.objects.get(pk=draft.pk)
    assert (saved.messages, saved.parameters, saved.variables) == (draft.messages, draft.parameters, draft.variables)
    assert list(saved.examples.values_list("inputs", "output")) == [({"text": "Rain"}, "0")]


def test_examples_are_edited_added_reordered_and_removed(staff, draft):
    FewShotExample.objects.create(version=draft, order=1, inputs={"text": "Snow"}, output="1")
    typed = filled(staff.get(url(draft)), "editor")
    typed |= {
        "examples-0-ORDER": "3",
        "examples-0-output": "2",
        "examples-1-DELETE": "on",
        "examples-2-ORDER": "1",
        "examples-2-input-text": "Hail",
        "examples-2-output": "4",
        "examples-2-enabled": "",
    }

    staff.post(url(draft), {**typed, "_save": "1"})

    rows = draft.examples.values_list("inputs", "output", "enabled")
    assert list(rows) == [({"text": "Hail"}, "4", False), ({"text": "Rain"}, "2", True)]


def test_a_broken_template_keeps_what_was_typed_and_names_the_place(staff, draft):
    text = "Line one\nRate {{ text"
    typed = filled(staff.get(url(draft)), "editor", messages__1__content=text, commit_message="Keep me")

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "line 2, column 6" in page
    assert text in page
    assert "Keep me" in page
    assert PromptVersion.objects.get(pk=draft.pk).messages == draft.messages


def test_a_refused_page_shows_rows_in_the_order_they_were_given(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", messages__0__ORDER="2", messages__1__ORDER="1", temperature="hot")

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    shown = [form["content"].value() for form in answer.context["editor"].message_rows]
    assert shown[:2] == ["{{ text }}", "Rate the statement."]


def test_an_unknown_variable_is_named_at_its_message_with_its_place(staff, draft):
    typed = filled(
        staff.get(url(draft)),
        "editor",
        messages__1__content="{{ text }}\nby {{ autor }}",
        variables__0__name="text",
        variables__0__type="string",
    )

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    message = answer.context["editor"].messages.forms[1]
    assert "autor" in message.errors["content"][0]
    assert "line 2, column" in message.errors["content"][0].lower()
    assert "{{ autor }}" in answer.content.decode()


def test_the_examples_are_not_blamed_for_a_variable_that_nobody_declared(staff, draft):
    row = {"examples-TOTAL_FORMS": "1", "examples-0-input-text": "Tea", "examples-0-output": "1"}
    typed = {**filled(staff.get(url(draft)), "editor", messages__1__content="{{ text }} by {{ autor }}"), **row}
    typed |= {"variables-0-name": "text", "variables-0-type": "string", "examples-0-enabled": "on", "_save": "1"}

    page = staff.post(url(draft), typed)

    assert "autor" in page.context["editor"].messages.forms[1].errors["content"][0]
    assert "There is no value for" not in page.content.decode()


def test_a_name_that_no_variable_can_have_is_said_in_words(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", variables__0__name="1 name", variables__0__type="string")

    page = staff.post(url(draft), {**typed, "_save": "1"})

    assert "A name begins with a letter" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("other_parameters", "{top_p: 1}", "This is not JSON"),
        ("temperature", "warm", "Enter a number"),
        ("choices", "", "Name the allowed answers"),
        ("extract_argument", "(", "no regular expression"),
    ],
)
def test_a_setting_that_cannot_be_is_said_at_its_field(staff, draft, field, text, said):
    typed = filled(staff.get(url(draft)), "editor", **{field: text, "kind": "choice", "extract": "regex"})

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    assert answer.status_code == 422
    assert said in str(answer.context["editor"].settings.errors[field])


def test_a_published_version_is_shown_and_never_edited(staff, first):
    page = staff.get(url(first)).content.decode()
    assert "Rate the statement." in page
    assert 'class="editor"' not in page

    answer = staff.post(url(first), {"_save": "1"}, follow=True)

    assert "is published and never changes" in answer.content.decode()
    assert PromptVersion.objects.get(pk=first.pk).messages == first.messages


def test_a_label_cannot_be_moved_to_a_draft(staff, prompt, draft):
    move = reverse("admin:agents_prompt_label_move", args=[prompt.pk])

    answer = staff.post(move, {"name": "production", "version": draft.number}, follow=True)

    assert "Choose a published version" in answer.content.decode()
    assert prompt.labels.get().version.number == 1


def test_a_draft_is_discarded_only_after_asking(staff, draft):
    assert "Discard the draft" in staff.get(url(draft, "_discard")).content.decode()
    assert PromptVersion.objects.filter(pk=draft.pk).exists()

    staff.post(url(draft, "_discard"))

    assert not PromptVersion.objects.filter(pk=draft.pk).exists()


def test_the_preview_shows_exactly_what_would_be_sent(staff, first):
    page = staff.get(url(first), {"sample-text": "The earth is flat."})

    sent = [(message.role, message.content) for message in page.context["preview"].messages]
    assert sent[-1] == ("user", "The earth is flat.")
    assert ("user", "Rain") in sent


def test_what_is_probably_not_meant_is_said_beside_the_preview(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", strategy="few_shot_cot")

    page = staff.post(url(draft), {**typed, "_preview": "1"})

    assert any("No reasoning" in warning for warning in page.context["preview"].warnings)


def test_what_is_probably_not_meant_is_said_on_saving_and_before_publishing(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", other_parameters='{"bananas": 3}') | {
        "examples-TOTAL_FORMS": "3",
        "examples-0-enabled": "",
        "examples-1-input-text": "Hail",
        "examples-1-output": "quite",
        "examples-1-enabled": "on",
        "examples-2-input-text": "Hail",
        "examples-2-output": "4",
        "examples-2-enabled": "on",
    }
    del typed["examples-0-enabled"]

    saved = staff.post(url(draft), {**typed, "_save": "1"}, follow=True).content.decode()
    asked = staff.get(url(draft, "_publish")).content.decode()

    for page in (saved, asked):
        assert "Example 2: The output is not a number" in page
        assert "Example 3: An example before it asks the same." in page
        assert "takes a parameter “bananas”" in page


def test_a_refused_page_leads_to_the_marked_fields(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", temperature="hot", messages__1__content="{{ text")

    page = staff.post(url(draft), {**typed, "_save": "1"}).content.decode()
    assert '<a href="#id_temperature">Temperature</a>' in page

    page = staff.post(url(draft), {**typed, "temperature": "0", "_save": "1"}).content.decode()
    assert '<a href="#id_messages-1-content">Message 2</a>' in page


def test_a_faulty_example_is_named_by_the_row_that_the_person_sees(staff, draft):
    typed = filled(staff.get(url(draft)), "editor") | {
        "examples-TOTAL_FORMS": "2",
        "examples-1-input-text": "",
        "examples-1-output": "4",
        "examples-1-enabled": "on",
    }
    del typed["examples-0-enabled"]

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    assert answer.context["editor"].examples.forms[1].errors["output"]
    assert '<a href="#id_examples-1-output">Example 2</a>' in answer.content.decode()


def test_the_preview_of_a_draft_shows_what_is_typed_without_saving_it(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", messages__0__content="Typed, not saved.")

    answer = staff.post(
        url(draft), {**typed, "sample-text": "Sun", "_preview": "1"}, headers={"X-Requested-With": "panel"}
    )

    assert "Typed, not saved." in answer.content.decode()
    assert PromptVersion.objects.get(pk=draft.pk).messages == draft.messages


def test_the_prompt_page_leads_to_the_comparison_in_one_click(staff, prompt, pair):
    page = staff.get(reverse("admin:agents_prompt_change", args=[prompt.pk])).content.decode()

    assert f"?a={pair[0].pk}&amp;b={pair[1].pk}" in page


def test_more_versions_ask_nothing_more(staff, prompt, first, second, django_assert_max_num_queries):
    with django_assert_max_num_queries(16) as few:
        staff.get(reverse("admin:agents_prompt_change", args=[prompt.pk]))
    asked = len(few)
    for _ in range(3):
        staff.post(reverse("admin:agents_prompt_draft", args=[prompt.pk]), {"from": "1"})

    with django_assert_max_num_queries(asked + 1):  # the message about the drafts
        staff.get(reverse("admin:agents_prompt_change", args=[prompt.pk]))


def test_a_version_is_exported_as_the_command_writes_it(staff, draft, capsys):
    save_draft(version=draft, content=content("Rate it.\nFrom 0 to 10."), examples=[])
    version = publish_version(version=draft)

    text = staff.get(url(version, "_export")).content.decode()

    call_command("export_prompt", f"rating@{version.number}")
    assert text == capsys.readouterr().out
    assert "content: |-\n    Rate it.\n    From 0 to 10." in text


def test_a_version_is_exported_as_a_prompt_file(staff, second):
    answer = staff.get(url(second, "_export"))

    assert "slug: rating" in answer.content.decode()


def test_a_version_that_is_not_there_is_not_found(staff, prompt):
    assert staff.get(reverse("admin:agents_prompt_version", args=[prompt.pk, 9])).status_code == 404


def test_a_protected_label_is_moved_by_those_who_may(staff, client, bob, first, second):
    protect = reverse("admin:agents_prompt_label_protect", args=[first.prompt_id])
    move = reverse("admin:agents_prompt_label_move", args=[first.prompt_id])
    staff.post(protect, {"name": "production", "protected": "yes"})
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename__in=["view_prompt", "change_prompt"]))
    client.force_login(bob)

    page = client.get(reverse("admin:agents_prompt_change", args=[first.prompt_id])).content.decode()
    asked = client.get(move, {"name": "production", "version": second.number}).content.decode()
    told = client.post(move, {"name": "production", "version": second.number}, follow=True).content.decode()
    client.post(protect, {"name": "production", "protected": "no"})

    assert ">protected</span>" in page and "Unprotect" not in page
    assert "Production is protected." in asked and "Move production to 2</button>" not in asked
    assert "Production is protected: you may not move it." in told
    label = first.prompt.labels.get()
    assert (label.version, label.protected) == (first, True)


def test_an_administrator_protects_a_label_and_still_moves_it(staff, first, second):
    page = reverse("admin:agents_prompt_change", args=[first.prompt_id])
    assert "Protect</button>" in staff.get(page).content.decode()
    staff.post(
        reverse("admin:agents_prompt_label_protect", args=[first.prompt_id]), {"name": "production", "protected": "yes"}
    )
    assert "Unprotect</button>" in staff.get(page).content.decode()

    move = reverse("admin:agents_prompt_label_move", args=[first.prompt_id])
    staff.post(move, {"name": "production", "version": second.number})

    assert first.prompt.labels.get().version == second


STYLE = {
    "slug": "style",
    "messages": [{"role": "system", "content": "Be {{ tone }}."}, {"role": "user", "content": "{{ input }}"}],
    "variables": [{"name": "tone", "default": "kind"}, {"name": "input"}],
}


def test_an_included_prompt_is_shown_as_its_text_before_and_after_it_is_saved(staff, draft):
    import_prompt(data=STYLE)
    typed = filled(staff.get(url(draft)), "editor", messages__0__content="{{> style@production }} Rate it.")

    shown = staff.post(url(draft), {**typed, "_preview": "1"}, headers={"X-Requested-With": "panel"}).content.decode()
    assert "Be kind. Rate it." in shown
    assert staff.post(url(draft), {**typed, "_save": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.messages[0]["content"] == "{{> style@1}} Rate it."
    assert "Be kind. Rate it." in staff.get(url(draft)).content.decode()


def test_a_prompt_that_is_not_there_is_named_with_its_place(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", messages__0__content="{{> stile }}")

    assert "Message 1, line 1, column 1: There is no prompt “stile”" in (
        staff.post(url(draft), {**typed, "_save": "1"}).content.decode()
    )


def test_a_prompt_that_others_include_keeps_its_short_name(staff, draft):
    style = import_prompt(data=STYLE).version.prompt
    settings = reverse("admin:agents_prompt_settings", args=[style.pk])
    names = {"name": "Style", "slug": "manner", "description": "x"}
    save_draft(version=draft, content=content("{{> style }}"), examples=[])

    assert "include this prompt by its short name" in staff.post(settings, names).content.decode()
    assert staff.post(settings, {**names, "slug": "style"}).status_code == 302
    save_draft(version=draft, content=content("None."), examples=[])
    assert staff.post(settings, names).status_code == 302


def test_values_that_nothing_uses_and_examples_that_ask_the_same_are_warned_about(staff, draft):
    examples = [{"inputs": {"text": "Tea"}, "output": "3"}, {"inputs": {"text": "Rum"}, "output": "4"}]
    save_draft(version=draft, content=content("Rate it."), examples=examples)
    typed = filled(staff.get(url(draft)), "editor") | {"sample-text": "tea", "sample-old": "x", "_preview": "1"}

    shown = staff.post(url(draft), typed, headers={"X-Requested-With": "panel"}).content.decode()

    assert "Nothing in the prompt uses the value of old." in shown
    assert "is left out, as it would give the answer away: example 1." in shown
    assert "Examples that are shown with these values: 2." in shown


EXAMPLES = [{"inputs": {"text": "Tea"}, "output": "3"}]
CHOSEN = {
    "assistant": "{{ output }}!",
    "placement": "system",
    "text": "{{ text }}\n→ {{ output }}",
    "prefix": "Like:",
    "separator": "\n***\n",
    "select": {"by": "mmr", "k": 3, "lambda": 0.2, "fetch_k": 9},
}


def test_saving_keeps_how_examples_are_chosen_and_placed(staff, draft):
    save_draft(version=draft, content={**content("Rate it."), "example": CHOSEN}, examples=[])

    page = staff.get(url(draft))
    assert staff.post(url(draft), {**filled(page, "editor"), "_save": "1"}).status_code == 302

    draft.refresh_from_db()
    assert draft.example_template == CHOSEN
    save_draft(version=draft, content={**content("Rate it."), "example": CHOSEN}, examples=EXAMPLES)
    shown = staff.get(url(publish_version(version=draft))).content.decode()
    assert "unlike each other (k 3, lambda 0.2, fetch_k 9). Where: As one block in the system message." in shown


def test_examples_are_chosen_and_placed_by_words(staff, draft):
    typed = filled(
        staff.get(url(draft)),
        "editor",
        placing__by="random",
        placing__k="2",
        placing__seed="7",
        placing__placement="system",
    )
    staff.post(url(draft), {**typed, "_save": "1"})
    draft.refresh_from_db()
    assert draft.example_template == {"placement": "system", "select": {"by": "random", "k": 2, "seed": 7}}

    typed = filled(staff.get(url(draft)), "editor", placing__by="all", placing__placement="messages")
    staff.post(url(draft), {**typed, "_save": "1"})
    draft.refresh_from_db()
    assert draft.example_template == {}


def test_a_number_that_cannot_be_is_marked_at_its_field(staff, draft):
    typed = filled(staff.get(url(draft)), "editor", placing__by="mmr", placing__likeness="3")

    answer = staff.post(url(draft), {**typed, "_save": "1"})

    assert answer.status_code == 422
    assert '<a href="#id_placing-likeness">Likeness rather than variety</a>' in answer.content.decode()


def test_a_slot_that_must_be_filled_stays_so(staff, draft):
    said = content("Rate it.")
    slot = {"slot": "history", "optional": False}
    save_draft(
        version=draft, content={**said, "messages": [said["messages"][0], slot, *said["messages"][1:]]}, examples=[]
    )

    assert staff.post(url(draft), {**filled(staff.get(url(draft)), "editor"), "_save": "1"}).status_code == 302

    draft.refresh_from_db()
    assert draft.messages[1] == slot
