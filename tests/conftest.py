"""People and settings that all tests share: Ada owns things, Bob is a stranger, Grace is staff."""

import os
import tempfile
from pathlib import Path

# Before Django is set up: tests leave nothing in the developer's data folder, and take no model from the environment.
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="parley-tests-"))
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
    os.environ.pop(name, None)
os.environ["MODEL"] = "none"
(Path(os.environ["DATA_DIR"]) / "static").mkdir(
    parents=True, exist_ok=True
)  # WhiteNoise warns of a folder that isn't there

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db, django_user_model):
    return django_user_model.objects.create_user("ada", password="lovelace")


@pytest.fixture
def bob(db, django_user_model):
    return django_user_model.objects.create_user("bob", password="stranger")


@pytest.fixture
def grace(db, django_user_model):
    return django_user_model.objects.create_user("grace", password="hopper", is_staff=True, is_superuser=True)
