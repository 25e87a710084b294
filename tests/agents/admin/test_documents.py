"""Documents through their forms, and that agents search what is there now."""

import pytest
from django.urls import reverse

from agents import build
from agents.models import Document, DocumentCollection


@pytest.fixture
def towers(db):
    return DocumentCollection.objects.create(slug="towers", name="Towers")


@pytest.fixture
def bridges(db):
    return DocumentCollection.objects.create(slug="bridges", name="Bridges")


@pytest.fixture
def arch(towers):
    Document.objects.create(collection=towers, title="Spire", text="A spire is high.")
    return Document.objects.create(collection=towers, title="Arch", text="An arch is round.")


def found_in(collection):
    return {title for title in ("Arch", "Spire") if build.index_of(collection.slug).by_title(title)}


def test_a_document_that_moves_is_found_where_it_is_now(staff, towers, bridges, arch):
    spire = Document.objects.get(title="Spire")
    assert (found_in(towers), found_in(bridges)) == ({"Arch", "Spire"}, set())

    url = reverse("admin:agents_document_change", args=[spire.pk])
    staff.post(url, {"title": "Spire", "collection": bridges.pk, "text": "A spire is high."})

    assert (found_in(towers), found_in(bridges)) == ({"Arch"}, {"Spire"})


def test_a_document_that_is_deleted_is_found_no_more(staff, towers, arch):
    spire = Document.objects.get(title="Spire")
    assert found_in(towers) == {"Arch", "Spire"}

    staff.post(reverse("admin:agents_document_delete", args=[spire.pk]), {"post": "yes"})

    assert found_in(towers) == {"Arch"}
