"""People whom all tests know: Ada owns things, Bob is a stranger, Grace is staff."""

import pytest

from agents.runtime.tokens.calibration import calibration, windows


@pytest.fixture(autouse=True)
def nothing_is_known_of_models():
    """What the servers of one test taught about a model's name is gone in the next."""
    calibration.forget()
    windows.forget()


@pytest.fixture
def ada(db, django_user_model):
    return django_user_model.objects.create_user("ada", password="lovelace")


@pytest.fixture
def bob(db, django_user_model):
    return django_user_model.objects.create_user("bob", password="stranger")


@pytest.fixture
def grace(db, django_user_model):
    return django_user_model.objects.create_user("grace", password="hopper", is_staff=True, is_superuser=True)
