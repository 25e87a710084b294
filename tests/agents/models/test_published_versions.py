"""What is published never changes, whatever code tries: the database refuses. Runs on SQLite and on PostgreSQL."""

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from agents.models import FewShotExample, Prompt, PromptVersion


@pytest.fixture
def version(db):
    prompt = Prompt.objects.create(slug="greeting", name="Greeting")
    version = PromptVersion.objects.create(prompt=prompt, number=1, messages=[{"role": "user", "content": "{{ x }}"}])
    FewShotExample.objects.create(version=version, inputs={"x": "a"}, output="b")
    PromptVersion.objects.filter(pk=version.pk).update(state="published", published_at=timezone.now(), content_hash="h")
    return version


def refused(change):
    with pytest.raises(Error), transaction.atomic():
        change()
    return True


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"state": "draft", "published_at": None},
        {"number": 7},
        {"output": {"kind": "number"}},
        {"model": "other"},
        {"content_hash": "other"},
    ],
)
def test_no_update_of_a_published_version(version, change):
    assert refused(lambda: PromptVersion.objects.filter(pk=version.pk).update(**change))


def test_no_raw_sql_either(version):
    def change():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE agents_promptversion SET messages = '[]'")

    assert refused(change)


def test_examples_of_a_published_version_are_neither_changed_nor_added(version):
    assert refused(lambda: FewShotExample.objects.update(output="c"))
    assert refused(lambda: FewShotExample.objects.create(version=version, inputs={}, output="c"))


def test_the_account_of_an_author_can_be_deleted(version, ada):
    PromptVersion.objects.filter(pk=version.pk).update(author=ada)

    ada.delete()

    version.refresh_from_db()
    assert version.author is None


def test_messages_keep_the_order_of_their_keys(version):
    draft = PromptVersion.objects.create(
        prompt=version.prompt, number=2, output={"schema": {"zulu": 1, "alpha": 2, "mike": 3}}
    )

    assert list(PromptVersion.objects.get(pk=draft.pk).output["schema"]) == ["zulu", "alpha", "mike"]
