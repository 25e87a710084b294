"""Prompts: drafts change, published versions don't, labels move, files go in and out."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import ProtectedError

from agents import build
from agents.models import PromptLabel, PromptLabelMove, PromptVersion
from agents.runtime.errors import PromptError
from agents.runtime.prompts import render
from agents.services.prompts import (
    PromptProblems,
    UnknownPrompt,
    content_of,
    create_draft,
    create_prompt,
    differences,
    discard_draft,
    export_prompt,
    import_prompt,
    includers_of,
    move_label,
    protect_label,
    publish_version,
    resolve,
    save_draft,
)

pytestmark = pytest.mark.django_db

CONTENT = {
    "messages": [{"role": "system", "content": "Count."}, {"role": "user", "content": "{{ question }}"}],
    "output": {"kind": "number"},
    "parameters": {"temperature": 0, "max_tokens": 20},
}
EXAMPLES = [{"inputs": {"question": "1+1"}, "output": "2"}, {"inputs": {"question": "1+2"}, "output": "3"}]
FILE = {"slug": "sums", "name": "Sums", **CONTENT, "examples": EXAMPLES}


@pytest.fixture
def prompt():
    return create_prompt(slug="sums", name="Sums")


@pytest.fixture
def draft(prompt, ada):
    draft = create_draft(prompt=prompt, parent=None, author=ada)
    return save_draft(version=draft, content=CONTENT, examples=EXAMPLES, author=ada)


def test_a_draft_copies_its_parent_and_has_the_next_number(prompt, draft, bob):
    first = publish_version(version=draft, author=bob)
    second = create_draft(prompt=prompt, parent=first, author=bob)
    assert (second.number, second.state, second.parent, second.author) == (2, "draft", first, bob)
    assert content_of(second) == content_of(first)


def test_examples_that_are_switched_off_are_kept_in_drafts_and_left_out_of_the_content(prompt, draft, ada):
    off = {**EXAMPLES[1], "enabled": False, "source": "log"}
    saved = save_draft(version=draft, content=CONTENT, examples=[EXAMPLES[0], off])
    copy = create_draft(prompt=prompt, parent=saved, author=ada)
    assert content_of(copy)["examples"] == EXAMPLES[:1]
    assert [(row.enabled, row.source) for row in copy.examples.all()] == [(True, ""), (False, "log")]


def test_the_first_publication_sets_production_and_later_ones_leave_it(prompt, draft, ada):
    first = publish_version(version=draft, author=ada)
    second = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    assert second.number == 2
    assert resolve("sums", default="production") == first
    move = PromptLabelMove.objects.get()
    assert (move.before, move.after, move.moved_by) == (None, first, ada)


def test_a_published_version_is_not_changed_published_again_or_discarded(draft, ada):
    version = publish_version(version=draft, author=ada)
    for change in (
        lambda: save_draft(version=version, content=CONTENT, examples=[]),
        lambda: publish_version(version=version, author=ada),
        lambda: discard_draft(version=version),
    ):
        with pytest.raises(PromptError, match="never changes"):
            change()


def test_a_draft_that_is_stale_in_memory_is_still_refused(draft, ada):
    publish_version(version=draft, author=ada)
    assert draft.state == "draft"
    with pytest.raises(PromptError, match="never changes"):
        save_draft(version=draft, content=CONTENT, examples=[])


def test_an_unknown_variable_is_refused_with_its_place_and_loses_nothing(draft):
    broken = {
        **CONTENT,
        "variables": [{"name": "question"}],
        "messages": [{"role": "user", "content": "Hi\n{{ queston }}"}],
    }
    with pytest.raises(PromptProblems) as refused:
        save_draft(version=draft, content=broken, examples=EXAMPLES)
    assert "Message 1, line 2, column 1" in refused.value.detail
    assert refused.value.problems[0].code == "unknown:queston"
    draft.refresh_from_db()
    assert draft.messages == CONTENT["messages"]
    assert draft.examples.count() == 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mesages": []}, "mesages"),
        ({"messages": []}, "message"),
        ({"format": "jinja2"}, "format"),
        ({"strategy": "magic"}, "strategy"),
        ({"commit_message": "x" * 301}, "commit_message"),
        ({"output": {"kind": "colour"}}, "colour"),
        ({"messages": [{"role": "user", "content": "{{ open"}]}, "essage 1"),
    ],
)
def test_what_a_prompt_cannot_mean_is_refused_by_name(draft, change, named):
    with pytest.raises(PromptError, match=named):
        save_draft(version=draft, content={**CONTENT, **change}, examples=[])


@pytest.mark.parametrize("example", ["text", {"output": "2"}, {"inputs": {}}, {"inputs": {"other": 1}, "output": "2"}])
def test_a_broken_example_is_refused(draft, example):
    with pytest.raises(PromptError, match="xample 1"):
        save_draft(version=draft, content=CONTENT, examples=[example])


def test_a_discarded_draft_is_gone_and_says_so(draft):
    discard_draft(version=draft)
    assert not PromptVersion.objects.exists()
    with pytest.raises(PromptError, match="discarded"):
        save_draft(version=draft, content=CONTENT, examples=[])


def test_a_label_moves_between_published_versions_and_every_move_is_kept(prompt, draft, ada):
    first = publish_version(version=draft, author=ada)
    second = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    move_label(prompt=prompt, name="production", version=second, moved_by=ada)
    move_label(prompt=prompt, name="production", version=second, moved_by=ada)
    assert resolve("sums", default="production") == second
    moves = PromptLabelMove.objects.order_by("pk").values_list("before__number", "after__number")
    assert list(moves) == [(None, 1), (1, 2)]


def test_a_label_needs_a_good_name_and_a_published_version_of_its_own_prompt(prompt, draft, ada):
    with pytest.raises(PromptError, match="draft"):
        move_label(prompt=prompt, name="production", version=draft, moved_by=ada)
    version = publish_version(version=draft, author=ada)
    with pytest.raises(PromptError, match="lower-case"):
        move_label(prompt=prompt, name="3rd", version=version, moved_by=ada)
    with pytest.raises(PromptError, match="not a version of"):
        move_label(prompt=create_prompt(slug="other", name="Other"), name="staging", version=version, moved_by=ada)


def test_a_protected_label_is_moved_by_those_who_may(prompt, draft, ada, bob, grace):
    first = publish_version(version=draft, author=ada)
    second = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    third = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    with pytest.raises(PromptError, match="may not protect"):
        protect_label(prompt=prompt, name="production", protected=True, by=ada)
    protect_label(prompt=prompt, name="production", protected=True, by=grace)

    with pytest.raises(PromptError, match="production is protected"):
        move_label(prompt=prompt, name="production", version=second, moved_by=ada)
    assert resolve("sums@production", default="latest") == first
    assert PromptLabelMove.objects.count() == 1

    bob.user_permissions.set(Permission.objects.filter(codename="move_protected_label"))
    for version, person in ((second, bob), (third, grace)):
        move_label(prompt=prompt, name="production", version=version, moved_by=person)
        assert resolve("sums@production", default="latest") == version
    protect_label(prompt=prompt, name="production", protected=False, by=bob)
    move_label(prompt=prompt, name="production", version=first, moved_by=ada)


def test_there_must_be_a_label_to_protect(prompt, grace):
    with pytest.raises(PromptError, match="no label beta"):
        protect_label(prompt=prompt, name="beta", protected=True, by=grace)


def test_latest_is_the_newest_version_and_no_label(prompt, draft, ada):
    first = publish_version(version=draft, author=ada)
    second = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    with pytest.raises(PromptError, match="always means the newest version"):
        move_label(prompt=prompt, name="latest", version=first, moved_by=ada)
    PromptLabel.objects.create(prompt=prompt, name="latest", version=first)
    assert resolve("sums@latest", default="production") == second


def test_references(prompt, draft, ada):
    first = publish_version(version=draft, author=ada)
    second = publish_version(version=create_draft(prompt=prompt, parent=first, author=ada), author=ada)
    create_draft(prompt=prompt, parent=second, author=ada)
    assert resolve("sums", default="latest") == second
    assert resolve("sums", default="production") == first
    assert resolve("sums@production", default="latest") == first
    assert resolve("sums@2", default="production") == second


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("nothing", "There is no prompt “nothing”. Prompts: sums."),
        ("sums@3", "has no version 3. Published: 1."),
        ("sums@2", "is a draft. Publish it first."),
        ("sums@beta", "has no label “beta”. Its labels: production."),
    ],
)
def test_references_that_lead_nowhere_say_what_there_is(prompt, draft, ada, reference, told):
    create_draft(prompt=prompt, parent=publish_version(version=draft, author=ada), author=ada)
    with pytest.raises(UnknownPrompt) as unknown:
        resolve(reference, default="latest")
    assert told in unknown.value.detail


def test_importing_makes_a_version_only_when_something_differs(ada):
    first = import_prompt(data=FILE, author=ada)
    again = import_prompt(data={**FILE, "commit_message": "another word for the same"}, author=ada)
    changed = import_prompt(data={**FILE, "parameters": {"temperature": 1}}, author=ada)
    back = import_prompt(data=FILE, author=ada)
    found = [(done.version.number, done.created) for done in (first, again, changed, back)]
    assert found == [(1, True), (1, False), (2, True), (3, True)]
    assert back.version.parent == changed.version
    assert PromptVersion.objects.count() == 3


def test_a_bad_file_leaves_nothing_behind(db):
    with pytest.raises(PromptError):
        import_prompt(data={**FILE, "messages": "hello"})
    assert not PromptVersion.objects.exists()
    with pytest.raises(UnknownPrompt):
        resolve("sums", default="latest")


@pytest.mark.parametrize("data", [{}, {"slug": ""}, {"slug": "no spaces!", **CONTENT}, ["a"], None])
def test_a_file_needs_a_slug(data, db):
    with pytest.raises(PromptError):
        import_prompt(data=data)


def test_what_is_exported_imports_as_the_same_version(ada):
    version = import_prompt(data={**FILE, "description": "Adds.", "commit_message": "first"}, author=ada).version
    exported = export_prompt(version)
    assert list(exported)[:3] == ["slug", "name", "description"]
    assert not import_prompt(data=exported).created


def test_yaml_values_become_the_text_that_a_model_writes():
    examples = [{"inputs": {"question": "1+1?"}, "output": True}, {"inputs": {"question": "2?"}, "output": 2}]
    version = import_prompt(data={**FILE, "output": {"kind": "text"}, "examples": examples}).version
    assert [row.output for row in version.examples.all()] == ["yes", "2"]


def test_order_counts_in_the_hash(ada):
    first = import_prompt(data=FILE).version
    other = import_prompt(data={**FILE, "examples": EXAMPLES[::-1]}).version
    assert other.content_hash != first.content_hash


def test_differences_by_message_example_and_setting():
    old = import_prompt(data=FILE).version
    messages = [{"role": "system", "content": "Count.\nBe quick."}, CONTENT["messages"][1]]
    examples = [{**EXAMPLES[0], "output": "two"}, {"inputs": {"question": "2+2"}, "output": "4"}]
    new = import_prompt(
        data={**FILE, "messages": messages, "examples": examples, "parameters": {"temperature": 1}}
    ).version
    diff = differences(old, new)
    assert [(change.kind, change.title) for change in diff.messages] == [("changed", "system"), ("same", "user")]
    assert [(line.kind, line.text) for line in diff.messages[0].lines] == [("same", "Count."), ("added", "Be quick.")]
    assert [(change.kind, change.title) for change in diff.examples] == [
        ("changed", "1+1"),
        ("removed", "1+2"),
        ("added", "2+2"),
    ]
    assert [(one.name, one.new) for one in diff.settings] == [
        ("parameters: temperature", "1"),
        ("parameters: max_tokens", ""),
    ]
    assert differences(old, old).is_empty
    assert not diff.is_empty


def test_what_is_usual_is_no_difference_where_it_is_said():
    said = {"kind": "number", "extract": "auto", "instruction": "auto"}
    plain, same = [import_prompt(data={**FILE, "output": output}).version for output in ({"kind": "number"}, said)]

    assert differences(plain, same).is_empty


STYLE = {
    "slug": "style",
    "messages": [{"role": "system", "content": "Be {{ tone }}."}, {"role": "user", "content": "{{ input }}"}],
    "variables": [{"name": "tone", "default": "kind"}, {"name": "input"}],
}


def including(reference, **fields):
    messages = [{"role": "system", "content": f"{{{{>{reference}}}}} Count."}, CONTENT["messages"][1]]
    return {**CONTENT, "messages": messages, **fields}


def system_of(version, **inputs):
    return render(build.spec_of(version), {"question": "?", **inputs})[0].content.partition("\n")[0]


@pytest.mark.parametrize("reference", ["style", " style@production ", "style@latest", "style@1"])
def test_an_included_prompt_is_fixed_when_a_draft_is_saved(draft, reference):
    style = import_prompt(data=STYLE).version
    saved = save_draft(version=draft, content=including(reference), examples=[])
    version = publish_version(version=saved)
    assert version.messages[0]["content"] == "{{> style@1}} Count."
    assert export_prompt(version)["messages"] == version.messages

    changed = {**STYLE, "messages": [{"role": "system", "content": "Be gone."}, STYLE["messages"][1]]}
    move_label(prompt=style.prompt, name="production", version=import_prompt(data=changed).version)
    assert system_of(version) == "Be kind. Count."
    assert system_of(version, tone="dry") == "Be dry. Count."
    assert not import_prompt(data=export_prompt(version)).created


def test_what_includes_is_included_in_turn(ada):
    import_prompt(data=STYLE)
    import_prompt(data={"slug": "middle", **including("style"), "output": {}})
    outer = import_prompt(data={"slug": "outer", **including("middle")}).version
    assert system_of(outer) == "Be kind. Count. Count."


def test_examples_may_include_too(draft):
    import_prompt(data=STYLE)
    example = {"user": "{{> style@production }} {{ question }}"}
    saved = save_draft(version=draft, content={**CONTENT, "example": example}, examples=EXAMPLES)
    assert saved.example_template == {"user": "{{> style@1}} {{ question }}"}
    assert render(build.spec_of(saved), {"question": "?"})[1].content == "Be kind. 1+1"


@pytest.mark.parametrize(
    ("reference", "code", "told"),
    [
        ("nothing", "unknown_include", "Message 1, line 1, column 1: There is no prompt “nothing”"),
        ("style@beta", "unknown_include", "has no label “beta”"),
        ("style@9", "unknown_include", "has no version 9"),
        ("sums@latest", "include_cycle", "sums can't include sums@latest"),
        ("pair", "bad_include", "2 system messages"),
    ],
)
def test_what_cannot_be_included_is_refused_when_it_is_saved(draft, reference, code, told):
    import_prompt(data=STYLE)
    import_prompt(data={**STYLE, "slug": "pair", "messages": [STYLE["messages"][0], *STYLE["messages"]]})
    with pytest.raises(PromptError, match=told) as refused:
        save_draft(version=draft, content=including(reference), examples=[])
    assert refused.value.code == code
    draft.refresh_from_db()
    assert draft.messages == CONTENT["messages"]


def test_a_prompt_never_includes_itself_on_any_way(draft, prompt):
    publish_version(version=draft)
    import_prompt(data={"slug": "other", **including("sums")})
    second = create_draft(prompt=prompt)
    with pytest.raises(PromptError, match="would include itself") as refused:
        save_draft(version=second, content=including("other"), examples=[])
    assert refused.value.code == "include_cycle"


def test_prompts_include_one_another_five_deep(ada):
    import_prompt(data={**STYLE, "slug": "p0"})
    for level in range(1, 6):
        import_prompt(data={"slug": f"p{level}", **including(f"p{level - 1}")})
    with pytest.raises(PromptError, match="5 deep") as refused:
        import_prompt(data={"slug": "p6", **including("p5")})
    assert refused.value.code == "too_deep"


def test_a_prompt_that_includes_nothing_costs_no_query_for_it(draft, django_assert_num_queries):
    with django_assert_num_queries(1):  # its examples
        build.spec_of(draft)


def test_those_who_include_a_prompt_are_known(draft, prompt):
    style = import_prompt(data=STYLE).version
    save_draft(version=draft, content=including("style"), examples=[])
    assert includers_of(style.prompt) == ["sums@1"]
    assert includers_of(prompt) == []


def test_a_prompt_with_versions_is_never_deleted(draft):
    publish_version(version=draft)
    with pytest.raises(ProtectedError):
        draft.prompt.delete()


def test_placement_and_selection_go_through_files(ada):
    example = {"placement": "system", "separator": "\n", "select": {"by": "similar", "k": 2}}
    version = import_prompt(data={**FILE, "example": example}).version
    assert export_prompt(version)["example"] == example
    assert build.spec_of(version).example_template.select.k == 2
