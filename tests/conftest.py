"""People whom all tests know: Ada owns things, Bob is a stranger, Grace is staff."""

import pytest


@pytest.fixture
def ada(db, django_user_model):
    return django_user_model.objects.create_user("ada", password="lovelace")


@pytest.fixture
def bob(db, django_user_model):
    return django_user_model.objects.create_user("bob", password="stranger")


@pytest.fixture
def grace(db, django_user_model):
    return django_user_model.objects.create_user("grace", password="hopper", is_staff=True, is_superuser=True)
