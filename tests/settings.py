"""Django's settings under test: nothing is taken from, or left in, the developer's data folder or environment."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="parley-tests-"))
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "DEBUG"):
    os.environ.pop(name, None)
os.environ["MODEL"] = "none"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that isn't there
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Idle connections of a pool would keep the test database from being dropped.
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
